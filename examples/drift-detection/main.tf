# Teams as code, on an instance where members can also be changed by hand. Where it is and how to sign in come from the
# environment: WALLAROO_URL, WALLAROO_CLIENT_ID, WALLAROO_CLIENT_SECRET and others. The people are those of the emulator,
# on which this can be tried.

terraform {
  required_version = ">= 1.8"

  # Drift is what differs from the state of the last apply, so whatever looks for it must read that state: put a
  # `backend` or `cloud` block here.

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
      owners        = ["john.hummel@wallaroo.ai"]
      collaborators = ["john.hansarick@wallaroo.ai"]
    }

    # Members that are not listed are drift here, and the next apply takes them out.
    "Équipe Données & ML" = {
      owners        = ["john.hummel@wallaroo.ai"]
      collaborators = ["john.hansarick@wallaroo.ai"]
      exclusive     = true
    }
  }
}
