# Two teams on one instance. Where it is and how to sign in come from the environment: WALLAROO_URL, WALLAROO_USER,
# WALLAROO_PASSWORD and others. The people are those of the emulator, on which this can be tried.

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

  teams = {
    "Fraud Scoring" = {
      owners        = ["john.hummel@wallaroo.ai"]
      collaborators = ["John.Hansarick@wallaroo.ai"]
    }

    # All of its members are listed here: whoever else is let in by hand, the next apply takes out.
    "Équipe Données & ML" = {
      owners    = ["john.hansarick@wallaroo.ai"]
      exclusive = true
    }
  }
}

output "workspace_ids" {
  description = "Number of each team's workspace."
  value       = module.teams.workspace_ids
}
