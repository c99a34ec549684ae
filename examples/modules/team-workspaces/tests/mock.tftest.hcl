# What the module makes of its input, with a mocked provider: `terraform test`.

mock_provider "wallaroo" {}

variables {
  teams = {
    "Équipe Données & ML" = {
      owners        = ["Ann@example.com"]
      collaborators = ["bob@example.com", "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"]
    }
    research = {
      owners = ["ann@example.com"]
    }
    platform = {
      owners        = ["ann@example.com", "carol@example.com"]
      name          = "ml-platform"
      exclusive     = true
      ignored_users = ["8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"]
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
      "Équipe Données & ML/ann@example.com"                      = "OWNER"
      "Équipe Données & ML/bob@example.com"                      = "COLLABORATOR"
      "Équipe Données & ML/8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314" = "COLLABORATOR"
      "research/ann@example.com"                                 = "OWNER"
    }
    error_message = "The members are ${jsonencode(keys(wallaroo_workspace_user.member))}."
  }

  assert {
    condition     = wallaroo_workspace_user.member["Équipe Données & ML/8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"].user_id == "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
    error_message = "A user without an @ is listed by ID."
  }

  assert {
    condition     = keys(wallaroo_workspace_users_exclusive.team) == ["platform"]
    error_message = "Only teams with `exclusive` have an authoritative set."
  }

  assert {
    condition     = wallaroo_workspace_users_exclusive.team["platform"].ignored_users == toset(["8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"])
    error_message = "The ignored users are not passed on."
  }

  assert {
    condition     = output.members.platform.owners == tolist(["ann@example.com", "carol@example.com"])
    error_message = "The owners are ${jsonencode(output.members.platform.owners)}."
  }

  assert {
    condition     = { for key, ids in output.member_ids : key => length(ids) } == { "Équipe Données & ML" = 3, research = 1 }
    error_message = "The IDs are ${jsonencode(output.member_ids)}."
  }

  assert {
    condition     = length(data.wallaroo_user.listed) == 0
    error_message = "Users are looked up only with `require_existing_users`."
  }
}

run "users_are_looked_up" {
  variables {
    require_existing_users = true
  }

  assert {
    condition     = length(data.wallaroo_user.listed) == 4
    error_message = "The users are ${jsonencode(keys(data.wallaroo_user.listed))}."
  }
}

run "no_teams" {
  variables {
    teams = {}
  }

  assert {
    condition     = length(output.workspace_ids) == 0
    error_message = "Without teams there are no workspaces."
  }
}

run "two_teams_with_one_name" {
  command = plan

  variables {
    teams = {
      "Fraud Scoring" = { owners = ["ann@example.com"] }
      fraud_scoring   = { owners = ["bob@example.com"] }
    }
  }

  expect_failures = [var.teams]
}

run "nothing_left_of_a_name" {
  command = plan

  variables {
    teams = {
      "研究" = { owners = ["ann@example.com"] }
    }
  }

  expect_failures = [var.teams]
}

run "user_listed_twice" {
  command = plan

  variables {
    teams = {
      fraud = {
        owners        = ["ann@example.com"]
        collaborators = ["Ann@Example.com"]
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
        collaborators = ["ann@example.com"]
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
        owners          = ["ann@example.com"]
        deletion_policy = "prevent"
      }
    }
  }

  expect_failures = [var.teams]
}

run "ignored_users_without_exclusive" {
  command = plan

  variables {
    teams = {
      fraud = {
        owners        = ["ann@example.com"]
        ignored_users = ["bob@example.com"]
      }
    }
  }

  expect_failures = [var.teams]
}
