# Every workspace that the account of the provider can see. Terraform stops at 100
# results unless there is a limit.
list "wallaroo_workspace" "all" {
  provider         = wallaroo
  include_resource = true
  limit            = 1000
}
