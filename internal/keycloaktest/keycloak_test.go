//go:build keycloak

package keycloaktest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKeycloak runs everything on one server of each version. What accounts do in an apply does not depend on the version.
func TestKeycloak(t *testing.T) {
	t.Parallel()

	always := map[string]func(*testing.T, *server){
		"contract": testContract, "lifecycle": testLifecycle, "client credentials": testClientCredentials, "refused": testRefused,
	}
	newest := map[string]func(*testing.T, *server){
		"accounts created": testCreated, "accounts renamed": testRenamed, "own account": testOwnAccount,
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

// testContract holds what a Keycloak answers against the table, and against what the emulator answers.
func testContract(t *testing.T, k *server) {
	eachExchange(t, func(t *testing.T, e exchange) {
		genuine := e.run(t, k, k.url)
		if want := k.expected(e); genuine.Summary != want {
			t.Errorf("Keycloak answers %q, want %q", genuine.Summary, want)
		}

		if diff := cmp.Diff(genuine, e.emulate(t, k.version)); diff != "" {
			t.Errorf("the emulator differs (-Keycloak +emulator):\n%s", diff)
		}
	})
}
