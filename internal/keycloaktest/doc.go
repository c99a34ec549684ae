// Package keycloaktest has tests alone: the client and the emulator against a
// real Keycloak. They are behind the build tag keycloak, as they fetch two
// distributions of it; "make test-keycloak" runs them.
//
// One table of token cases runs against Keycloak and the emulator, which must
// agree. The client signs in to Keycloak in every way that it knows, through a
// proxy that puts Keycloak and an API on one host as Wallaroo does.
package keycloaktest
