output "workspace_ids" {
  description = "Numeric ID of each team's workspace, by the team's key."
  value       = { for key, workspace in wallaroo_workspace.team : key => workspace.id }
}

output "workspace_names" {
  description = "Name of each team's workspace, by the team's key."
  value       = { for key, workspace in wallaroo_workspace.team : key => workspace.name }
}

output "members" {
  description = "Sorted lists `owners` and `collaborators` of each team, by the team's key."
  value = {
    for key, team in local.teams : key => {
      owners        = sort(team.owners)
      collaborators = sort(team.collaborators)
    }
  }
}

output "member_ids" {
  description = "User IDs of the members of each team, by the team's key. Teams with `exclusive` are left out."
  value = {
    for key, team in local.teams : key => [
      for member, user in wallaroo_workspace_user.member : user.user_id if try(local.members[member].team == key, false)
    ] if !team.exclusive
  }
}
