# By the number of the workspace and the e-mail of the user
terraform import wallaroo_workspace_user.hummel 8/john.hummel@wallaroo.ai

# By the id of the user
terraform import wallaroo_workspace_user.hummel 8/12ea09d1-0f49-405e-bed1-27eb6d10fde4

# Both also with the exact name of the workspace
terraform import wallaroo_workspace_user.hummel clip-demo/john.hummel@wallaroo.ai
