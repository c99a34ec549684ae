// Package keycloaktest has tests alone, of what the emulator and the provider have to do with Keycloak.
//
// One table of requests runs against the emulator. "make test-keycloak" sets the build tag keycloak, fetches two real
// Keycloaks, and runs the table against them too: all must answer alike, so that what the client's own tests show on the
// emulator holds for Keycloak. A CLI then runs the provider on an emulator that takes the tokens and the users of a Keycloak,
// in which a provider of their own creates and changes accounts in the same apply.
package keycloaktest
