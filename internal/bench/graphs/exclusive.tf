terraform {
  required_providers {
    PROVIDER = {
      source = "wallaroo-community/PROVIDER"
    }
  }
}

locals {
  data = jsondecode(file("${path.module}/data.json"))
}

resource "PROVIDER_workspace" "each" {
  for_each = toset(local.data.workspaces)

  name = each.key
}

resource "PROVIDER_workspace_users_exclusive" "each" {
  for_each = local.data.teams

  workspace_id  = PROVIDER_workspace.each[each.key].id
  owners        = ["john.hummel@wallaroo.ai"]
  collaborators = each.value
}
