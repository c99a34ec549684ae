data "wallaroo_workspace" "clip" {
  name = "clip-demo"
}

data "wallaroo_workspace" "default" {
  id = 1
}

output "clip_models" {
  value = data.wallaroo_workspace.clip.models
}
