import {
  to = wallaroo_workspace_user.ann
  id = "8/ann@example.com"
}

resource "wallaroo_workspace_user" "ann" {
  workspace_id = 8
  email        = "ann@example.com"
  user_type    = "OWNER"
}
