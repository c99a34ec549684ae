locals {
  teams = ["Équipe Données & ML — Paris!", "Fraud Scoring"]
}

# equipe-donnees-ml-paris and fraud-scoring. Two teams with the same name are an error,
# because the keys of for_each are unique.
resource "wallaroo_workspace" "team" {
  for_each = { for team in local.teams : provider::wallaroo::workspace_name(team) => team }

  name = each.key
}
