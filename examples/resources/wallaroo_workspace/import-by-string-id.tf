import {
  to = wallaroo_workspace.clip
  id = "8" # or its exact name: "clip-demo"
}

resource "wallaroo_workspace" "clip" {
  name = "clip-demo"
}
