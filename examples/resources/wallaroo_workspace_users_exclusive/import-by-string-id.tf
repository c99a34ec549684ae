import {
  to = wallaroo_workspace_users_exclusive.clip
  id = "8" # or the exact name of the workspace: "clip-demo"
}

resource "wallaroo_workspace_users_exclusive" "clip" {
  workspace_id = 8
  owners       = ["john.hummel@wallaroo.ai"]
}
