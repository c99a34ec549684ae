# A workspace for each team, and its members.

locals {
  teams = {
    for key, team in var.teams : key => merge(team, {
      name = team.name != null ? team.name : provider::wallaroo::workspace_name(key)
      # Emails are case-insensitive. A user ID, which has no @, stays as it is.
      owners        = toset([for user in team.owners : strcontains(user, "@") ? lower(user) : user])
      collaborators = toset([for user in team.collaborators : strcontains(user, "@") ? lower(user) : user])
    })
  }

  # Non-authoritative members, as for_each needs them: "TEAM/ann@example.com".
  members = merge([
    for key, team in local.teams : {
      for user in setunion(team.owners, team.collaborators) : "${key}/${user}" => {
        team      = key
        user      = user
        user_type = contains(team.owners, user) ? "OWNER" : "COLLABORATOR"
      }
    } if !team.exclusive
  ]...)
}

data "wallaroo_user" "listed" {
  for_each = toset(var.require_existing_users ? flatten([for team in local.teams : [tolist(team.owners), tolist(team.collaborators)]]) : [])

  email = strcontains(each.key, "@") ? each.key : null
  id    = strcontains(each.key, "@") ? null : each.key
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
  email        = strcontains(each.value.user, "@") ? each.value.user : null
  user_id      = strcontains(each.value.user, "@") ? null : each.value.user
  user_type    = each.value.user_type
}

resource "wallaroo_workspace_users_exclusive" "team" {
  for_each = { for key, team in local.teams : key => team if team.exclusive }

  workspace_id  = wallaroo_workspace.team[each.key].id
  owners        = each.value.owners
  collaborators = each.value.collaborators
  ignored_users = each.value.ignored_users
}
