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

resource "PROVIDER_workspace_user" "each" {
  for_each = local.data.members

  workspace_id = PROVIDER_workspace.each[each.value.workspace].id
  email        = each.value.email
}
