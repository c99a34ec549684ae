import {
  to = wallaroo_workspace_users_exclusive.clip
  identity = {
    workspace_id = 8
  }
}

resource "wallaroo_workspace_users_exclusive" "clip" {
  workspace_id = 8
  owners       = ["john.hummel@wallaroo.ai"]
}
