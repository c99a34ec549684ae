# The certificate of the instance is signed by a private CA. The credentials come from
# the environment.
provider "wallaroo" {
  endpoint       = "https://wallaroo.example.com"
  ca_certificate = "/etc/ssl/certs/example-ca.pem"
}
