data "wallaroo_current_user" "this" {}

output "signed_in_as" {
  value = data.wallaroo_current_user.this.username
}
