import {
  to = wallaroo_workspace_user.hummel
  identity = {
    workspace_id = 8
    user_id      = "12ea09d1-0f49-405e-bed1-27eb6d10fde4"
  }
}

resource "wallaroo_workspace_user" "hummel" {
  workspace_id = 8
  email        = "john.hummel@wallaroo.ai"
  user_type    = "OWNER"
}
