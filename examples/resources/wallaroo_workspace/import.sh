# By the number of the workspace
terraform import wallaroo_workspace.clip 8

# By its exact name
terraform import wallaroo_workspace.clip clip-demo
