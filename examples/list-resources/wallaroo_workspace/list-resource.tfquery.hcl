# All workspaces. Without a limit, Terraform stops at 100 results.
list "wallaroo_workspace" "all" {
  provider         = wallaroo
  include_resource = true
  limit            = 1000
}
