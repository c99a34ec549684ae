// Package keycloaktest has tests alone: the client, the emulator and a CLI against a
// real Keycloak. They are behind the build tag keycloak, as they fetch two
// distributions of it; "make test-keycloak" runs them.
//
// One table of token cases runs against Keycloak and the emulator, which must
// agree. The client signs in to Keycloak in every way that it knows, through a
// proxy that puts Keycloak and an API on one host as Wallaroo does. A real CLI
// applies and destroys with the provider on wallaroo-emulator -issuer, which
// takes Keycloak's tokens and has its users.
package keycloaktest
