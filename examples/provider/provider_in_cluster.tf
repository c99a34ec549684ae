# Terraform runs in the instance's own cluster and reaches its API without TLS. The
# login server keeps its public address, so that the password does not travel in the
# clear. The account comes from the environment.
provider "wallaroo" {
  endpoint         = "http://api-lb:8080"
  auth_endpoint    = "https://wallaroo.example.com"
  allow_plain_http = true
}
