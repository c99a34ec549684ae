# Teams as code, on an instance where members can also be changed by hand. The endpoint and the credentials come from the
# environment: WALLAROO_URL, WALLAROO_USER, WALLAROO_PASSWORD and others.

terraform {
  required_version = ">= 1.8"

  # Drift is what differs from the state of the last apply, so the job must read that state: add a `backend` or `cloud`
  # block here.

  required_providers {
    wallaroo = {
      source = "wallaroo-community/wallaroo"
    }
  }
}

provider "wallaroo" {}

module "teams" {
  # Elsewhere: "github.com/wallaroo-community/terraform-provider-wallaroo//examples/modules/team-workspaces?ref=TAG"
  source = "../modules/team-workspaces"

  teams = {
    "Fraud Scoring" = {
      owners        = ["ann@example.com"]
      collaborators = ["bob@example.com"]
    }

    # Authoritative: members who are not listed are drift, and the next apply removes them.
    "Équipe Données & ML" = {
      owners        = ["ann@example.com"]
      collaborators = ["bob@example.com"]
      exclusive     = true
    }
  }
}
