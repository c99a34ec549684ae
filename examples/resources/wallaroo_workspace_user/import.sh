# By the ID of the workspace and the email address of the user
terraform import wallaroo_workspace_user.ann 8/ann@example.com

# By the ID of the user
terraform import wallaroo_workspace_user.ann 8/0a3c9d52-6f1e-4b87-9c2d-5e8f7a1b4c60

# With the exact name of the workspace in place of its ID
terraform import wallaroo_workspace_user.ann demand-planning/ann@example.com
