# The members of one workspace.
list "wallaroo_workspace_user" "clip" {
  provider         = wallaroo
  include_resource = true

  config {
    workspace_id = 8
  }
}

# The members of all workspaces that the account of the provider can see.
list "wallaroo_workspace_user" "all" {
  provider = wallaroo
  limit    = 1000
}
