# Several members, with roles, of a workspace that is not managed by this configuration.
data "wallaroo_workspace" "demand" {
  name = "demand-planning"
}

resource "wallaroo_workspace_user" "demand" {
  for_each = {
    "ann@example.com" = "OWNER"
    "bob@example.com" = "COLLABORATOR"
  }

  workspace_id = data.wallaroo_workspace.demand.id
  email        = each.key
  user_type    = each.value
}
