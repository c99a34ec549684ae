# The members of all workspaces that the account of the provider can see.
list "wallaroo_workspace_user" "all" {
  provider = wallaroo
  limit    = 1000
}
