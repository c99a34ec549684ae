terraform {
  required_providers {
    wallaroo = {
      source  = "wallaroo-community/wallaroo"
      version = "~> 0.1"
    }
  }
}

# The endpoint and the credentials come from the environment: WALLAROO_URL,
# WALLAROO_USER and WALLAROO_PASSWORD.
provider "wallaroo" {}
