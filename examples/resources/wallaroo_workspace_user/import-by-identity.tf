import {
  to = wallaroo_workspace_user.ann
  identity = {
    workspace_id = 8
    user_id      = "0a3c9d52-6f1e-4b87-9c2d-5e8f7a1b4c60"
  }
}

resource "wallaroo_workspace_user" "ann" {
  workspace_id = 8
  email        = "ann@example.com"
  user_type    = "OWNER"
}
