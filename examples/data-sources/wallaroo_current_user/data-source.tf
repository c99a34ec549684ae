data "wallaroo_current_user" "this" {}

output "authenticated_as" {
  value = data.wallaroo_current_user.this.username
}
