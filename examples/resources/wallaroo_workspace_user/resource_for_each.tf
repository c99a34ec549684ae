# Several members of a workspace that this configuration does not manage.
data "wallaroo_workspace" "clip" {
  name = "clip-demo"
}

resource "wallaroo_workspace_user" "clip" {
  for_each = {
    "john.hansarick@wallaroo.ai" = "COLLABORATOR"
    "john.hummel@wallaroo.ai"    = "OWNER"
  }

  workspace_id = data.wallaroo_workspace.clip.id
  email        = each.key
  user_type    = each.value
}
