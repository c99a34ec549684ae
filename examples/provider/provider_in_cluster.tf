# Inside the cluster of the instance, the API is reached over unencrypted HTTP. The
# identity provider (Keycloak) keeps its public address, so that the password is
# encrypted. The credentials come from the environment.
provider "wallaroo" {
  endpoint         = "http://api-lb:8080"
  auth_endpoint    = "https://wallaroo.example.com"
  allow_plain_http = true
}
