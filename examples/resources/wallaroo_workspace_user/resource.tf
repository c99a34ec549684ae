resource "wallaroo_workspace" "fraud" {
  name = "fraud-scoring"
}

resource "wallaroo_workspace_user" "bob" {
  workspace_id = wallaroo_workspace.fraud.id
  email        = "bob@example.com"
}
