import {
  to = wallaroo_workspace_user.hummel
  id = "8/john.hummel@wallaroo.ai"
}

resource "wallaroo_workspace_user" "hummel" {
  workspace_id = 8
  email        = "john.hummel@wallaroo.ai"
  user_type    = "OWNER"
}
