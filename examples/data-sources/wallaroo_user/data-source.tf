data "wallaroo_user" "bob" {
  email = "bob@example.com"
}

data "wallaroo_user" "admin" {
  id = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
}

output "bob_id" {
  value = data.wallaroo_user.bob.id
}
