import {
  to = wallaroo_workspace.clip
  identity = {
    id = 8
  }
}

resource "wallaroo_workspace" "clip" {
  name = "clip-demo"
}
