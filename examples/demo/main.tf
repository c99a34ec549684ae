# Two teams, each with a workspace of its own: `make demo` applies this to the emulator, whose users are those of
# examples/emulator/seed.json. The endpoint and the credentials come from the environment (WALLAROO_URL, WALLAROO_USER,
# WALLAROO_PASSWORD).

terraform {
  required_version = ">= 1.5"

  required_providers {
    wallaroo = {
      # With its host, so that OpenTofu reads the same address.
      source = "registry.terraform.io/wallaroo-community/wallaroo"
    }
  }
}

provider "wallaroo" {}

variable "adopt_existing" {
  description = "Whether to adopt existing workspaces with these names, as after a destroy."
  type        = bool
  default     = false
}

locals {
  # An account without an email address is named by its ID.
  users = {
    ann   = { email = "ann@example.com" }
    bob   = { email = "bob@example.com" }
    admin = { user_id = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314" }
  }

  # The members of each workspace, and their roles.
  teams = {
    churn-forecast = { admin = "COLLABORATOR", bob = "COLLABORATOR" }
    fraud-scoring  = { ann = "OWNER", bob = "COLLABORATOR" }
  }

  # The same by member, as for_each needs it: "fraud-scoring/ann" and so on.
  members = merge([
    for team, roles in local.teams : {
      for user, role in roles : "${team}/${user}" => { team = team, user = user, role = role }
    }
  ]...)
}

resource "wallaroo_workspace" "team" {
  for_each = local.teams

  name           = each.key
  adopt_existing = var.adopt_existing
}

resource "wallaroo_workspace_user" "member" {
  for_each = local.members

  workspace_id = wallaroo_workspace.team[each.value.team].id
  email        = try(local.users[each.value.user].email, null)
  user_id      = try(local.users[each.value.user].user_id, null)
  user_type    = each.value.role
}

output "workspace_ids" {
  description = "Numeric ID of each team's workspace."
  value       = { for team, workspace in wallaroo_workspace.team : team => workspace.id }
}
