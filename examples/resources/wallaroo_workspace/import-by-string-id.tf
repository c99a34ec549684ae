import {
  to = wallaroo_workspace.demand
  id = "8" # or its exact name: "demand-planning"
}

resource "wallaroo_workspace" "demand" {
  name = "demand-planning"
}
