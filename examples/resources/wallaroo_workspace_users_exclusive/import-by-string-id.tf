import {
  to = wallaroo_workspace_users_exclusive.demand
  id = "8" # or the exact name of the workspace: "demand-planning"
}

resource "wallaroo_workspace_users_exclusive" "demand" {
  workspace_id = 8
  owners       = ["ann@example.com"]
}
