# Members that are managed one by one leave all others alone, so a plan says nothing of people who were let in by hand.
# This check finds them. It warns, and stops nothing.

variable "tolerated" {
  description = "Who may be a member of any workspace without being listed: e-mails in lower case, or user ids. The account that runs Terraform may anyway."
  type        = set(string)
  default     = []
  nullable    = false
}

data "wallaroo_current_user" "this" {}

data "wallaroo_workspace_users" "team" {
  for_each = { for team, id in module.teams.workspace_ids : team => id if contains(keys(module.teams.member_ids), team) }

  workspace_id = each.value

  # After all changes, or those whom this very plan adds or removes would be found too.
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
    error_message = "Members that nobody manages: ${join("; ", local.unmanaged)}. List them in their team, remove them, or tolerate them."
  }
}
