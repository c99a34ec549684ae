data "wallaroo_workspace" "demand" {
  name = "demand-planning"
}

data "wallaroo_workspace_users" "demand" {
  workspace_id = data.wallaroo_workspace.demand.id
}

output "demand_owners" {
  value = [for user in data.wallaroo_workspace_users.demand.users : user.email if user.user_type == "OWNER"]
}
