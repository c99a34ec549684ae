# The workspaces with a certain name, archived ones too.
list "wallaroo_workspace" "edge" {
  provider = wallaroo

  config {
    name_prefix      = "edge-"
    include_archived = true
  }
}
