data "wallaroo_workspace" "clip" {
  name = "clip-demo"
}

data "wallaroo_workspace_users" "clip" {
  workspace_id = data.wallaroo_workspace.clip.id
}

output "clip_owners" {
  value = [for user in data.wallaroo_workspace_users.clip.users : user.email if user.user_type == "OWNER"]
}
