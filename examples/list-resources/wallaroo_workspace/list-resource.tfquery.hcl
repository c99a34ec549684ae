# Every workspace that the account of the provider can see. Terraform stops at 100
# results unless there is a limit.
list "wallaroo_workspace" "all" {
  provider         = wallaroo
  include_resource = true
  limit            = 1000
}

# Those with a certain name, archived ones too.
list "wallaroo_workspace" "edge" {
  provider = wallaroo

  config {
    name_prefix      = "edge-"
    include_archived = true
  }
}
