resource "wallaroo_workspace" "fraud" {
  name = "fraud-scoring"
}

# One workspace for each team.
resource "wallaroo_workspace" "team" {
  for_each = toset(["churn-forecast", "credit-risk"])

  name = each.key
}
