# The built-in admin, by user ID, may be a member or not, in any role.
resource "wallaroo_workspace_users_exclusive" "demand" {
  workspace_id  = 8
  owners        = ["ann@example.com"]
  ignored_users = ["8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"]
}
