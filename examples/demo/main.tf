# Two teams, each with a workspace of its own: what `make demo` applies to an
# emulated instance. Address and credentials come from the environment
# (WALLAROO_URL, WALLAROO_USER, WALLAROO_PASSWORD).

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
  description = "Take over workspaces that have these names already, as after a destroy."
  type        = bool
  default     = false
}

locals {
  # Who is who. An account without an e-mail is named by its id.
  people = {
    hummel    = { email = "john.hummel@wallaroo.ai" }
    hansarick = { email = "john.hansarick@wallaroo.ai" }
    admin     = { user_id = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314" }
  }

  # Who works in which workspace, and in which role.
  teams = {
    churn-forecast = { admin = "COLLABORATOR", hansarick = "COLLABORATOR" }
    fraud-scoring  = { hummel = "OWNER", hansarick = "COLLABORATOR" }
  }

  # The same by member, as for_each needs it: "fraud-scoring/hummel" and so on.
  members = merge([
    for team, roles in local.teams : {
      for person, role in roles : "${team}/${person}" => { team = team, person = person, role = role }
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
  email        = try(local.people[each.value.person].email, null)
  user_id      = try(local.people[each.value.person].user_id, null)
  user_type    = each.value.role
}

output "workspace_ids" {
  description = "Number of each team's workspace."
  value       = { for team, workspace in wallaroo_workspace.team : team => workspace.id }
}
