# Adopts an existing workspace as it is. With PREVENT, a plan that would destroy or
# rename it is an error.
resource "wallaroo_workspace" "demand" {
  name            = "demand-planning"
  adopt_existing  = true
  deletion_policy = "PREVENT"
}

# A default workspace. Its name is not valid for a new workspace, so it can only be
# adopted or imported.
resource "wallaroo_workspace" "default" {
  name           = "ann@example.com - Default Workspace"
  adopt_existing = true
}
