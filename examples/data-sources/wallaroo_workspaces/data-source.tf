data "wallaroo_workspaces" "all" {}

output "workspace_ids" {
  value = { for workspace in data.wallaroo_workspaces.all.workspaces : workspace.name => workspace.id }
}
