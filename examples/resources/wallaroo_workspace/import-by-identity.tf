import {
  to = wallaroo_workspace.demand
  identity = {
    id = 8
  }
}

resource "wallaroo_workspace" "demand" {
  name = "demand-planning"
}
