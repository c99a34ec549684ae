# The workspaces whose names begin with "edge-", archived ones included.
list "wallaroo_workspace" "edge" {
  provider = wallaroo

  config {
    name_prefix      = "edge-"
    include_archived = true
  }
}
