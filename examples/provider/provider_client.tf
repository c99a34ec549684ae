# The client credentials grant: the client has an account of its own.
provider "wallaroo" {
  endpoint      = "https://wallaroo.example.com"
  client_id     = "api-client"
  client_secret = var.wallaroo_client_secret
}

variable "wallaroo_client_secret" {
  description = "Secret of the client, as TF_VAR_wallaroo_client_secret in the environment."
  type        = string
  sensitive   = true
}
