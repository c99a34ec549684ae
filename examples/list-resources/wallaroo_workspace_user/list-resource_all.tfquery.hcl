# The members of all workspaces.
list "wallaroo_workspace_user" "all" {
  provider = wallaroo
  limit    = 1000
}
