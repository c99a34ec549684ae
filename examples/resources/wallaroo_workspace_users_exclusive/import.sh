# By the ID of the workspace
terraform import wallaroo_workspace_users_exclusive.demand 8

# By its exact name
terraform import wallaroo_workspace_users_exclusive.demand demand-planning
