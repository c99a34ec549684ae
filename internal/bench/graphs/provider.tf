terraform {
  required_providers {
    PROVIDER = {
      source = "wallaroo-community/PROVIDER"
    }
  }
}

resource "PROVIDER_workspace" "each" {
  for_each = toset(local.workspaces)

  name = each.key
}

resource "PROVIDER_workspace_user" "each" {
  for_each = local.members

  workspace_id = PROVIDER_workspace.each[each.value.workspace].id
  email        = each.value.email
}

resource "PROVIDER_workspace_users_exclusive" "each" {
  for_each = local.teams

  workspace_id  = PROVIDER_workspace.each[each.key].id
  owners        = ["john.hummel@wallaroo.ai"]
  collaborators = each.value
}
