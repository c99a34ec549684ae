resource "wallaroo_workspace" "churn" {
  name = "churn-forecast"
}

# A collaborator, which is what a member is by default.
resource "wallaroo_workspace_user" "hansarick" {
  workspace_id = wallaroo_workspace.churn.id
  email        = "john.hansarick@wallaroo.ai"
}

# An owner. An account without an e-mail, such as the built-in admin, is named by its id.
resource "wallaroo_workspace_user" "admin" {
  workspace_id = wallaroo_workspace.churn.id
  user_id      = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
  user_type    = "OWNER"
}
