resource "wallaroo_workspace" "churn" {
  name = "churn-forecast"
}

# One workspace for each team.
resource "wallaroo_workspace" "team" {
  for_each = toset(["fraud-scoring", "demand-planning"])

  name = each.key
}
