# Two teams on one instance. The endpoint and the credentials come from the environment: WALLAROO_URL, WALLAROO_USER,
# WALLAROO_PASSWORD and others.

terraform {
  required_version = ">= 1.8"

  required_providers {
    wallaroo = {
      source = "wallaroo-community/wallaroo"
    }
  }
}

provider "wallaroo" {}

module "teams" {
  source = "../.."

  # A typo in an email is an error at plan time.
  require_existing_users = true

  teams = {
    "Fraud Scoring" = {
      owners        = ["ann@example.com"]
      collaborators = ["Bob@example.com"]
    }

    # Authoritative: the next apply removes whoever was added by hand.
    "Équipe Données & ML" = {
      owners    = ["bob@example.com"]
      exclusive = true
    }
  }
}

output "workspace_ids" {
  description = "Numeric ID of each team's workspace."
  value       = module.teams.workspace_ids
}
