//go:build keycloak

package keycloaktest_test

import "testing"

// TestKeycloak runs everything against each version, on one server of it.
func TestKeycloak(t *testing.T) {
	t.Parallel()
	if missing := tools(t.Context()); missing != "" {
		t.Fatal(missing)
	}
	p := newPrograms(t)
	for _, v := range versions {
		t.Run(v.number, func(t *testing.T) {
			t.Parallel()
			k := start(t, v)
			t.Run("together", func(t *testing.T) {
				t.Run("token cases", func(t *testing.T) { t.Parallel(); checkTokenCases(t, k) })
				t.Run("client", func(t *testing.T) { t.Parallel(); checkClient(t, k) })
				t.Run("users", func(t *testing.T) { t.Parallel(); checkUserCases(t, k) })
				t.Run("CLI", func(t *testing.T) { t.Parallel(); checkCLI(t, k, p) })
				t.Run("rights", func(t *testing.T) { t.Parallel(); checkRights(t, k) })
			})
			// What changes the realm for everybody comes last.
			checkRotation(t, k)
		})
	}
}
