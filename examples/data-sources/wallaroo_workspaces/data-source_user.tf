# The workspaces of one user.
data "wallaroo_user" "ann" {
  email = "ann@example.com"
}

data "wallaroo_workspaces" "ann" {
  user_ids = [data.wallaroo_user.ann.id]
}

output "pipelines_of_ann" {
  value = sum([for workspace in data.wallaroo_workspaces.ann.workspaces : length(workspace.pipelines)])
}
