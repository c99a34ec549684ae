# All users of the instance.
data "wallaroo_users" "all" {}

output "disabled_accounts" {
  value = [for user in data.wallaroo_users.all.users : user.username if !user.enabled]
}

# Some users. One that does not exist is an error.
data "wallaroo_users" "team" {
  emails = ["ann@example.com", "bob@example.com"]
}

output "team_ids" {
  value = { for user in data.wallaroo_users.team.users : user.email => user.id }
}
