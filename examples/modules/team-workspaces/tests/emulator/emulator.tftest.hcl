# The module against the emulator: `terraform test -test-directory=tests/emulator`, with WALLAROO_URL and credentials in
# the environment. Do not run this against a real instance: the workspaces that it creates there cannot be deleted. For
# that reason a plain `terraform test` does not include it.

provider "wallaroo" {}

variables {
  require_existing_users = true
  teams = {
    "Fraud Scoring" = {
      owners        = ["ann@example.com"]
      collaborators = ["Bob@example.com"]
    }
    "Équipe Données & ML" = {
      owners    = ["bob@example.com"]
      exclusive = true
    }
  }
}

run "create" {
  assert {
    condition     = output.workspace_names["Équipe Données & ML"] == "equipe-donnees-ml"
    error_message = "The names are ${jsonencode(output.workspace_names)}."
  }

  assert {
    condition     = alltrue([for id in values(output.workspace_ids) : id > 0])
    error_message = "The IDs are ${jsonencode(output.workspace_ids)}."
  }

  assert {
    condition     = length(output.member_ids["Fraud Scoring"]) == 2
    error_message = "The members are ${jsonencode(output.member_ids)}."
  }
}

# What the instance has after the apply.
run "refresh" {
  command = plan

  plan_options {
    mode = refresh-only
  }

  assert {
    condition     = wallaroo_workspace_user.member["Fraud Scoring/bob@example.com"].user_type == "COLLABORATOR"
    error_message = "The member has another role on the instance."
  }

  assert {
    condition     = wallaroo_workspace_users_exclusive.team["Équipe Données & ML"].owners == toset(["bob@example.com"])
    error_message = "The owners are ${jsonencode(wallaroo_workspace_users_exclusive.team["Équipe Données & ML"].owners)}."
  }
}
