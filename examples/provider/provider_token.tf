# An access token from elsewhere. It is used as it is and cannot be renewed, so it
# must outlive the run.
provider "wallaroo" {
  endpoint = "https://wallaroo.example.com"
  token    = var.wallaroo_token
}

variable "wallaroo_token" {
  description = "Access token, as TF_VAR_wallaroo_token in the environment."
  type        = string
  sensitive   = true
}
