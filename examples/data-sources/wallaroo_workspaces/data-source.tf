# Every workspace that the account of the provider can see.
data "wallaroo_workspaces" "all" {}

output "workspace_ids" {
  value = { for workspace in data.wallaroo_workspaces.all.workspaces : workspace.name => workspace.id }
}

# Those of them that one user works in.
data "wallaroo_user" "hummel" {
  email = "john.hummel@wallaroo.ai"
}

data "wallaroo_workspaces" "hummel" {
  user_ids = [data.wallaroo_user.hummel.id]
}

output "pipelines_of_hummel" {
  value = sum([for workspace in data.wallaroo_workspaces.hummel.workspaces : length(workspace.pipelines)])
}
