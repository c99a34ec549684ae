import {
  to = wallaroo_workspace_users_exclusive.demand
  identity = {
    workspace_id = 8
  }
}

resource "wallaroo_workspace_users_exclusive" "demand" {
  workspace_id = 8
  owners       = ["ann@example.com"]
}
