# The owners of one workspace.
list "wallaroo_workspace_user" "demand" {
  provider         = wallaroo
  include_resource = true

  config {
    workspace_id = 8
    user_type    = "OWNER"
  }
}
