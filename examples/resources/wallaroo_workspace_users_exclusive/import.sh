# By the number of the workspace
terraform import wallaroo_workspace_users_exclusive.clip 8

# By its exact name
terraform import wallaroo_workspace_users_exclusive.clip clip-demo
