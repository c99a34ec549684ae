# The module on an emulated instance: `terraform test -test-directory=tests/emulator`, with WALLAROO_URL and credentials
# in the environment. Do not run this on a real instance: what it makes there could never be deleted. That is why it is
# no part of a plain `terraform test`.

provider "wallaroo" {}

variables {
  teams = {
    "Fraud Scoring" = {
      owners        = ["john.hummel@wallaroo.ai"]
      collaborators = ["John.Hansarick@wallaroo.ai"]
    }
    "Équipe Données & ML" = {
      owners    = ["john.hansarick@wallaroo.ai"]
      exclusive = true
    }
  }
}

run "make" {
  assert {
    condition     = output.workspace_names["Équipe Données & ML"] == "equipe-donnees-ml"
    error_message = "The names are ${jsonencode(output.workspace_names)}."
  }

  assert {
    condition     = alltrue([for id in values(output.workspace_ids) : id > 0])
    error_message = "The ids are ${jsonencode(output.workspace_ids)}."
  }

  assert {
    condition     = length(output.member_ids["Fraud Scoring"]) == 2
    error_message = "The members are ${jsonencode(output.member_ids)}."
  }
}

# What the instance answers after the apply.
run "read_back" {
  command = plan

  plan_options {
    mode = refresh-only
  }

  assert {
    condition     = wallaroo_workspace_user.member["Fraud Scoring/john.hansarick@wallaroo.ai"].user_type == "COLLABORATOR"
    error_message = "The member has another role on the instance."
  }

  assert {
    condition     = wallaroo_workspace_users_exclusive.team["Équipe Données & ML"].owners == toset(["john.hansarick@wallaroo.ai"])
    error_message = "The owners are ${jsonencode(wallaroo_workspace_users_exclusive.team["Équipe Données & ML"].owners)}."
  }
}
