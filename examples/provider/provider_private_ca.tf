# The certificate of the instance is signed by a private authority. The account comes
# from the environment.
provider "wallaroo" {
  endpoint       = "https://wallaroo.example.com"
  ca_certificate = "/etc/ssl/certs/example-ca.pem"
}
