resource "terraform_data" "workspace" {
  for_each = toset(local.workspaces)

  input = { name = each.key }
}

resource "terraform_data" "member" {
  for_each = local.members

  input = {
    workspace_id = terraform_data.workspace[each.value.workspace].id
    email        = each.value.email
  }
}

resource "terraform_data" "team" {
  for_each = local.teams

  input = {
    workspace_id  = terraform_data.workspace[each.key].id
    owners        = ["john.hummel@wallaroo.ai"]
    collaborators = each.value
  }
}
