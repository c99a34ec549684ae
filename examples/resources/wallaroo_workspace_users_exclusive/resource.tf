resource "wallaroo_workspace" "fraud" {
  name = "fraud-scoring"
}

# Authoritative: members who are not listed are removed.
resource "wallaroo_workspace_users_exclusive" "fraud" {
  workspace_id  = wallaroo_workspace.fraud.id
  owners        = ["ann@example.com"]
  collaborators = ["bob@example.com"]
}
