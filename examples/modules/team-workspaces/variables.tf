variable "teams" {
  description = <<-EOT
    The teams, each by a stable key: its display name, or a short name. Users are listed by email (case-insensitive), or
    by user ID.

    - `owners`: owners of the workspace, at least one.
    - `collaborators`: its collaborators. Defaults to none.
    - `name`: exact name of the workspace. Defaults to a valid name made of the key: "Fraud Scoring" gives
      "fraud-scoring".
    - `adopt_existing`: adopt an existing workspace of that name instead of failing. Defaults to false.
    - `deletion_policy`: "PREVENT" makes removing the workspace from state an error, "ABANDON" permits it. Defaults to
      that of the provider.
    - `exclusive`: manage the members authoritatively: those who are not listed are removed. Defaults to false.
    - `ignored_users`: with `exclusive`, users who are neither removed nor reported as drift. Defaults to none.
  EOT

  type = map(object({
    owners          = set(string)
    collaborators   = optional(set(string), [])
    name            = optional(string)
    adopt_existing  = optional(bool, false)
    deletion_policy = optional(string)
    exclusive       = optional(bool, false)
    ignored_users   = optional(set(string))
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
    error_message = format("Without an owner, only the account that Terraform uses could add members. List an owner for: %s.",
    join(", ", [for key, team in var.teams : jsonencode(key) if length(team.owners) == 0]))
  }

  validation {
    condition = alltrue([
      for team in var.teams : length(distinct([for user in concat(tolist(team.owners), tolist(team.collaborators)) : lower(user)]))
      == length(team.owners) + length(team.collaborators)
    ])
    error_message = format("List each user once in a team, as an owner or as a collaborator: %s.", join("; ", flatten([
      for key, team in var.teams : [
        for user, spellings in {
          for user in concat(tolist(team.owners), tolist(team.collaborators)) : lower(user) => user...
        } : "${user} is listed ${length(spellings)} times in ${jsonencode(key)}" if length(spellings) > 1
      ]
    ])))
  }

  validation {
    condition = alltrue([for team in var.teams : contains(["ABANDON", "PREVENT"], coalesce(team.deletion_policy, "ABANDON"))])
    error_message = format("\"deletion_policy\" must be \"ABANDON\" or \"PREVENT\", in capital letters: %s.", join(", ", [
      for key, team in var.teams : jsonencode(key) if !contains(["ABANDON", "PREVENT"], coalesce(team.deletion_policy, "ABANDON"))
    ]))
  }

  validation {
    condition = alltrue([for team in var.teams : team.exclusive || team.ignored_users == null])
    error_message = format("\"ignored_users\" needs \"exclusive = true\": %s.",
    join(", ", [for key, team in var.teams : jsonencode(key) if !team.exclusive && team.ignored_users != null]))
  }
}

variable "require_existing_users" {
  description = "Whether to look up all listed users at plan time, so that one who does not exist is an error before a workspace is created. Leave it false if the same apply creates accounts."
  type        = bool
  default     = false
  nullable    = false
}
