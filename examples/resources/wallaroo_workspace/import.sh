# By the ID of the workspace
terraform import wallaroo_workspace.demand 8

# By its exact name
terraform import wallaroo_workspace.demand demand-planning
