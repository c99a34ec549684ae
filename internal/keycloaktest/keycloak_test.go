//go:build keycloak

package keycloaktest_test

import "testing"

// TestKeycloak runs everything against each version, on one server of it.
func TestKeycloak(t *testing.T) {
	t.Parallel()
	if missing := tools(); missing != "" {
		t.Fatal(missing)
	}
	for _, v := range versions {
		t.Run(v.number, func(t *testing.T) {
			t.Parallel()
			k := start(t, v)
			t.Run("token cases", func(t *testing.T) { t.Parallel(); checkTokenCases(t, k) })
			t.Run("client", func(t *testing.T) { t.Parallel(); checkClient(t, k) })
			t.Run("users", func(t *testing.T) { t.Parallel(); checkUserCases(t, k) })
		})
	}
}
