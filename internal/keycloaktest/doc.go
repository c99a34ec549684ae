// Package keycloaktest has tests alone, on real Keycloaks. They are behind the build tag keycloak, as they fetch two
// distributions; "make test-keycloak" runs them.
//
// One table of requests runs against a Keycloak and the emulator, which must answer alike: what the client's own tests show
// on the emulator then holds for Keycloak too. A CLI runs the provider on an emulator that takes the tokens and the users of
// a Keycloak, in which accounts change behind the provider's back, and by a provider of their own in the same apply.
package keycloaktest
