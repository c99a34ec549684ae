data "wallaroo_workspace" "demand" {
  name = "demand-planning"
}

data "wallaroo_workspace" "default" {
  id = 1
}

output "demand_models" {
  value = data.wallaroo_workspace.demand.models
}
