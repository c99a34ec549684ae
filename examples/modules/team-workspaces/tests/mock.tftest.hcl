# What the module makes of its input. Needs no instance: `terraform test`.

mock_provider "wallaroo" {}

variables {
  teams = {
    "Équipe Données & ML" = {
      owners        = ["Anna@example.com"]
      collaborators = ["bob@example.com", "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"]
    }
    research = {
      owners = ["anna@example.com"]
    }
    platform = {
      owners    = ["anna@example.com", "carla@example.com"]
      name      = "ml-platform"
      exclusive = true
    }
  }
}

run "workspaces_and_members" {
  assert {
    condition = output.workspace_names == {
      "Équipe Données & ML" = "equipe-donnees-ml"
      research              = "research"
      platform              = "ml-platform"
    }
    error_message = "The names are ${jsonencode(output.workspace_names)}."
  }

  assert {
    condition = { for key, member in wallaroo_workspace_user.member : key => member.user_type } == {
      "Équipe Données & ML/anna@example.com"                     = "OWNER"
      "Équipe Données & ML/bob@example.com"                      = "COLLABORATOR"
      "Équipe Données & ML/8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314" = "COLLABORATOR"
      "research/anna@example.com"                                = "OWNER"
    }
    error_message = "The members are ${jsonencode(keys(wallaroo_workspace_user.member))}."
  }

  assert {
    condition     = wallaroo_workspace_user.member["Équipe Données & ML/8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"].user_id == "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
    error_message = "Who is listed without an @ should be taken for a user id."
  }

  assert {
    condition     = keys(wallaroo_workspace_users_exclusive.team) == ["platform"]
    error_message = "Teams with `exclusive` should have a set of members, and no others."
  }

  assert {
    condition     = output.members.platform.owners == tolist(["anna@example.com", "carla@example.com"])
    error_message = "The owners are ${jsonencode(output.members.platform.owners)}."
  }

  assert {
    condition     = { for key, ids in output.member_ids : key => length(ids) } == { "Équipe Données & ML" = 3, research = 1 }
    error_message = "The ids are ${jsonencode(output.member_ids)}."
  }
}

run "no_teams" {
  variables {
    teams = {}
  }

  assert {
    condition     = length(output.workspace_ids) == 0
    error_message = "Without teams there should be no workspaces."
  }
}

run "two_teams_of_one_name" {
  command = plan

  variables {
    teams = {
      "Fraud Scoring" = { owners = ["anna@example.com"] }
      fraud_scoring   = { owners = ["bob@example.com"] }
    }
  }

  expect_failures = [var.teams]
}

run "nothing_left_of_a_name" {
  command = plan

  variables {
    teams = {
      "研究" = { owners = ["anna@example.com"] }
    }
  }

  expect_failures = [var.teams]
}

run "person_listed_twice" {
  command = plan

  variables {
    teams = {
      fraud = {
        owners        = ["anna@example.com"]
        collaborators = ["Anna@Example.com"]
      }
    }
  }

  expect_failures = [var.teams]
}

run "team_without_owner" {
  command = plan

  variables {
    teams = {
      fraud = {
        owners        = []
        collaborators = ["anna@example.com"]
      }
    }
  }

  expect_failures = [var.teams]
}

run "unknown_policy" {
  command = plan

  variables {
    teams = {
      fraud = {
        owners          = ["anna@example.com"]
        deletion_policy = "prevent"
      }
    }
  }

  expect_failures = [var.teams]
}
