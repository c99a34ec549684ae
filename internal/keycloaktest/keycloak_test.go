//go:build keycloak

package keycloaktest_test

import "testing"

// TestKeycloak runs everything on one server of each version. What accounts do in an apply does not depend on the version.
func TestKeycloak(t *testing.T) {
	t.Parallel()
	always := map[string]func(*testing.T, *server){
		"contract": testContract, "lifecycle": testLifecycle, "client credentials": testClientCredentials, "refused": testRefused,
	}
	newest := map[string]func(*testing.T, *server){
		"accounts created": testCreated, "accounts replaced": testReplaced, "accounts renamed": testRenamed,
		"accounts removed": testRemoved, "own account": testOwnAccount,
	}
	for i, v := range versions {
		t.Run(v.number, func(t *testing.T) {
			t.Parallel()
			k := start(t, v)
			run := func(tests map[string]func(*testing.T, *server)) {
				for name, test := range tests {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						test(t, k)
					})
				}
			}
			run(always)
			if i == 0 {
				run(newest)
			}
		})
	}
}
