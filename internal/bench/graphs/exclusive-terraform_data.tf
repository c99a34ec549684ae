locals {
  data = jsondecode(file("${path.module}/data.json"))
}

resource "terraform_data" "workspace" {
  for_each = toset(local.data.workspaces)

  input = { name = each.key }
}

resource "terraform_data" "members" {
  for_each = local.data.teams

  input = {
    workspace_id  = terraform_data.workspace[each.key].id
    owners        = ["john.hummel@wallaroo.ai"]
    collaborators = each.value
  }
}
