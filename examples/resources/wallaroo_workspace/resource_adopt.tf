# A workspace that exists already, made in the dashboard for example, is taken over as
# it is. PREVENT makes every plan fail that would destroy or rename it.
resource "wallaroo_workspace" "houseprice" {
  name            = "edge-observability-houseprice-demo"
  adopt_existing  = true
  deletion_policy = "PREVENT"
}

# Default workspaces can be taken over too. Their names cannot be given to a new one.
resource "wallaroo_workspace" "default" {
  name           = "john.hummel@wallaroo.ai - Default Workspace"
  adopt_existing = true
}
