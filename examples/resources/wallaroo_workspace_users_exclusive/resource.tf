resource "wallaroo_workspace" "churn" {
  name = "churn-forecast"
}

# All members of the workspace: whoever is not listed is removed.
resource "wallaroo_workspace_users_exclusive" "churn" {
  workspace_id  = wallaroo_workspace.churn.id
  owners        = ["john.hummel@wallaroo.ai"]
  collaborators = ["john.hansarick@wallaroo.ai"]
}
