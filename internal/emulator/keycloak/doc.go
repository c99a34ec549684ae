// Package keycloak is what the emulator needs of Wallaroo's Keycloak: accounts and tokens.
//
// [Server] holds accounts of its own and serves the realm master below /auth: the token endpoint with the grants password,
// refresh_token and client_credentials, the keys that check its tokens, and the two admin reads that Wallaroo's Python SDK
// makes. [Issuer] reads tokens and accounts of a real Keycloak instead.
//
// None of this is a security boundary: passwords are public.
package keycloak
