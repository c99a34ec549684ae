# Non-authoritative members do not change others, so a plan does not show members who were added by hand. This check finds
# them. It warns, and stops nothing.

variable "tolerated" {
  description = "Users who may be members of any workspace without being listed: emails in lower case, or user IDs. The account that Terraform uses may be one anyway."
  type        = set(string)
  default     = []
  nullable    = false
}

data "wallaroo_current_user" "this" {}

data "wallaroo_workspace_users" "team" {
  for_each = { for team, id in module.teams.workspace_ids : team => id if contains(keys(module.teams.member_ids), team) }

  workspace_id = each.value

  # After all changes, or it would find members that this apply adds or removes.
  depends_on = [module.teams]
}

locals {
  unmanaged = flatten([
    for team, workspace in data.wallaroo_workspace_users.team : [
      for member in workspace.users :
      "${coalesce(member.email, member.username, member.user_id)} is ${member.user_type} of ${module.teams.workspace_names[team]}"
      if !contains(concat(module.teams.member_ids[team], [data.wallaroo_current_user.this.id]), member.user_id)
      && !contains(var.tolerated, member.user_id)
      && !contains(var.tolerated, coalesce(member.email, "-"))
    ]
  ])
}

check "unmanaged_members" {
  assert {
    condition     = length(local.unmanaged) == 0
    error_message = "Members that are not managed by Terraform: ${join("; ", local.unmanaged)}. List them in their team, remove them, or tolerate them."
  }
}
