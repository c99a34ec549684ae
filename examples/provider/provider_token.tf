# An access token from elsewhere. It is not renewed, so it must be valid until the
# apply has finished.
provider "wallaroo" {
  endpoint = "https://wallaroo.example.com"
  token    = var.wallaroo_token
}

variable "wallaroo_token" {
  description = "Access token, as TF_VAR_wallaroo_token in the environment."
  type        = string
  sensitive   = true
}
