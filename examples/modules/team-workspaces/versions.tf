terraform {
  # For the function of the provider and optional attributes, in both CLIs.
  required_version = ">= 1.8"

  required_providers {
    wallaroo = {
      source = "wallaroo-community/wallaroo"
    }
  }
}
