variable "form" {
  type = string
}

variable "workspaces" {
  type = number
}

variable "members" {
  type = number
}

locals {
  workspaces = [for n in range(var.workspaces) : format("bench-%02d", n)]
  everyone = [for n in range(var.members) : {
    workspace = local.workspaces[n % var.workspaces]
    email     = format("member-%05d@example.com", n)
  }]

  # One of the two is empty.
  members = { for m in local.everyone : m.email => m if var.form == "single" }
  teams = {
    for w in local.workspaces : w => [for m in local.everyone : m.email if m.workspace == w]
    if var.form == "exclusive"
  }
}
