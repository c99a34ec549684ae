variable "teams" {
  description = <<-EOT
    The teams, each by a key that stays: its display name, or a short name. People are listed by e-mail (letter case
    does not matter), or by user id if their account has none.

    - `owners`: who owns the workspace, at least one.
    - `collaborators`: who works in it.
    - `name`: the exact name of the workspace. Defaults to the key, made a valid name: "Fraud Scoring" gives
      "fraud-scoring".
    - `adopt_existing`: take over the workspace of that name if there is one, instead of failing.
    - `deletion_policy`: "PREVENT" refuses to let go of the workspace, "ABANDON" lets go of it.
    - `exclusive`: remove members that are not listed, instead of leaving them alone.
  EOT

  type = map(object({
    owners          = set(string)
    collaborators   = optional(set(string), [])
    name            = optional(string)
    adopt_existing  = optional(bool, false)
    deletion_policy = optional(string, "ABANDON")
    exclusive       = optional(bool, false)
  }))
  nullable = false

  validation {
    condition = alltrue([for key, team in var.teams : team.name != null || can(provider::wallaroo::workspace_name(key))])
    error_message = format("Nothing of these keys can be part of a workspace name, so set \"name\": %s.", join(", ", [
      for key, team in var.teams : jsonencode(key) if team.name == null && !can(provider::wallaroo::workspace_name(key))
    ]))
  }

  validation {
    condition = length(var.teams) == length(distinct([
      for key, team in var.teams : team.name != null ? team.name : try(provider::wallaroo::workspace_name(key), key)
    ]))
    error_message = format("Each team needs a workspace name of its own. Set \"name\" for one of: %s.", join("; ", [
      for name, keys in {
        for key, team in var.teams :
        (team.name != null ? team.name : try(provider::wallaroo::workspace_name(key), key)) => jsonencode(key)...
      } : "${join(" and ", keys)}, which both give ${jsonencode(name)}" if length(keys) > 1
    ]))
  }

  validation {
    condition = alltrue([for team in var.teams : length(team.owners) > 0])
    error_message = format("Without an owner nobody but the account that runs Terraform could let others in. List one for: %s.",
    join(", ", [for key, team in var.teams : jsonencode(key) if length(team.owners) == 0]))
  }

  validation {
    condition = alltrue([
      for team in var.teams : length(distinct([for who in concat(tolist(team.owners), tolist(team.collaborators)) : lower(who)]))
      == length(team.owners) + length(team.collaborators)
    ])
    error_message = format("List each person once in a team, as an owner or as a collaborator: %s.", join("; ", flatten([
      for key, team in var.teams : [
        for who, spellings in {
          for who in concat(tolist(team.owners), tolist(team.collaborators)) : lower(who) => who...
        } : "${who} is listed ${length(spellings)} times in ${jsonencode(key)}" if length(spellings) > 1
      ]
    ])))
  }

  validation {
    condition = alltrue([for team in var.teams : contains(["ABANDON", "PREVENT"], team.deletion_policy)])
    error_message = format("\"deletion_policy\" must be \"ABANDON\" or \"PREVENT\", in capital letters: %s.",
    join(", ", [for key, team in var.teams : jsonencode(key) if !contains(["ABANDON", "PREVENT"], team.deletion_policy)]))
  }
}
