data "wallaroo_user" "hansarick" {
  email = "john.hansarick@wallaroo.ai"
}

data "wallaroo_user" "admin" {
  id = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
}

output "hansarick_id" {
  value = data.wallaroo_user.hansarick.id
}
