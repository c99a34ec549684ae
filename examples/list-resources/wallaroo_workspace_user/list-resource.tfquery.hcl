# The members of one workspace.
list "wallaroo_workspace_user" "clip" {
  provider         = wallaroo
  include_resource = true

  config {
    workspace_id = 8
  }
}
