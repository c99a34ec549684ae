locals {
  data = jsondecode(file("${path.module}/data.json"))
}

resource "terraform_data" "workspace" {
  for_each = toset(local.data.workspaces)

  input = { name = each.key }
}

resource "terraform_data" "member" {
  for_each = local.data.members

  input = {
    workspace_id = terraform_data.workspace[each.value.workspace].id
    email        = each.value.email
  }
}
