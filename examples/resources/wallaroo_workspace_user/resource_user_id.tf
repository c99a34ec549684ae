# An owner by user ID, for accounts without an email address such as the built-in admin.
resource "wallaroo_workspace_user" "admin" {
  workspace_id = 8
  user_id      = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
  user_type    = "OWNER"
}
