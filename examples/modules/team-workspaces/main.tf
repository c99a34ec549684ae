# A workspace for each team, and its members.

locals {
  teams = {
    for key, team in var.teams : key => merge(team, {
      name = team.name != null ? team.name : provider::wallaroo::workspace_name(key)
      # E-mails compare without letter case. A user id, which has no @, stays as it is.
      owners        = toset([for who in team.owners : strcontains(who, "@") ? lower(who) : who])
      collaborators = toset([for who in team.collaborators : strcontains(who, "@") ? lower(who) : who])
    })
  }

  # Members that are managed one by one, as for_each needs them: "TEAM/anna@example.com".
  members = merge([
    for key, team in local.teams : {
      for who in setunion(team.owners, team.collaborators) : "${key}/${who}" => {
        team = key
        who  = who
        role = contains(team.owners, who) ? "OWNER" : "COLLABORATOR"
      }
    } if !team.exclusive
  ]...)
}

resource "wallaroo_workspace" "team" {
  for_each = local.teams

  name            = each.value.name
  adopt_existing  = each.value.adopt_existing
  deletion_policy = each.value.deletion_policy
}

resource "wallaroo_workspace_user" "member" {
  for_each = local.members

  workspace_id = wallaroo_workspace.team[each.value.team].id
  email        = strcontains(each.value.who, "@") ? each.value.who : null
  user_id      = strcontains(each.value.who, "@") ? null : each.value.who
  user_type    = each.value.role
}

resource "wallaroo_workspace_users_exclusive" "team" {
  for_each = { for key, team in local.teams : key => team if team.exclusive }

  workspace_id  = wallaroo_workspace.team[each.key].id
  owners        = each.value.owners
  collaborators = each.value.collaborators
}
