package keycloak_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// What the token endpoint answers to whom is in the table of package keycloaktest.

func TestRefresh(t *testing.T) {
	t.Parallel()

	c := emulatortest.NewClock()
	f := newFixture(t, keycloak.Options{Now: c.Now})

	first := f.granted(asAnn)
	if first.Expires != 3600 || first.RefreshExpires != 1800 || first.Scope != "profile email" || first.Session == nil {
		t.Errorf("first token: %+v", first)
	}

	c.Advance(29 * time.Minute)

	second := f.granted(renews + *first.Refresh)
	if second.Access == first.Access || *second.Session != *first.Session || second.RefreshExpires != 1800 {
		t.Errorf("a refresh must give new tokens of the session: %+v", second)
	}

	f.granted(renews + *first.Refresh)
	c.Advance(time.Minute)

	if got := f.form(renews + *first.Refresh); got.Status != 400 || got.Body != `{"error":"invalid_grant","error_description":"Token is not active"}` {
		t.Errorf("after 30 minutes: %v", got)
	}

	f.SetUserPassword(f.ann, "changed")
	f.granted(renews + *second.Refresh)
	f.LogoutAll()

	if f.caller("Bearer "+second.Access) != f.ann {
		t.Error("an access token outlives its session")
	}
}

func TestClaims(t *testing.T) {
	t.Parallel()

	c := emulatortest.NewClock()
	f := newFixture(t, keycloak.Options{Now: c.Now, TokenLifetime: time.Minute})

	got := claimsOf(t, f.granted(asAnn).Access)
	for name, value := range map[string]any{
		"sub": f.ann, "email": "ann@example.com", "preferred_username": "ann@example.com", "given_name": "Ann",
		"azp": "sdk-client", "iss": f.web.URL + realmPath, "typ": "Bearer",
		"iat": float64(c.Now().Unix()), "exp": float64(c.Now().Unix() + 60),
		"realm_access": map[string]any{"roles": []any{"default-roles-master"}},
		"https://hasura.io/jwt/claims": map[string]any{
			"x-hasura-user-id": f.ann, "x-hasura-user-email": "ann@example.com",
			"x-hasura-default-role": "user", "x-hasura-allowed-roles": []any{"user"}, "x-hasura-user-groups": "{}",
		},
	} {
		if diff := cmp.Diff(value, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	admin := claimsOf(t, f.granted(asAdmin).Access)

	hasura, _ := admin["https://hasura.io/jwt/claims"].(map[string]any)
	if _, has := admin["email"]; has || hasura["x-hasura-default-role"] != "admin_user" {
		t.Errorf("claims of an administrator without an email: %v", admin)
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	f := newFixture(t, keycloak.Options{})

	got := f.granted(asClient + "&scope=offline_access")
	if got.Refresh != nil || got.Session != nil || got.RefreshExpires != 0 || f.caller("Bearer "+got.Access) != keycloak.ServiceAccountID {
		t.Errorf("got %+v", got)
	}

	claims := claimsOf(t, got.Access)
	_, email := claims["email"]

	_, session := claims["sid"]
	if email || session || claims["preferred_username"] != "service-account-api-client" || claims["client_id"] != "api-client" {
		t.Errorf("claims are %v", claims)
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()

	c := emulatortest.NewClock()
	f := newFixture(t, keycloak.Options{Now: c.Now, TokenLifetime: time.Minute})
	other := newFixture(t, keycloak.Options{Now: c.Now})
	pair := f.granted(asAnn)

	parts := strings.Split(pair.Access, ".")
	for name, auth := range map[string]string{
		"none":          "",
		"no token":      "Bearer ",
		"other scheme":  "Basic " + pair.Access,
		"garbage":       "Bearer x",
		"no signature":  "Bearer " + parts[0] + "." + parts[1] + ".",
		"refresh token": "Bearer " + *pair.Refresh,
		"other server":  "Bearer " + other.granted(asAnn).Access,
	} {
		if got := f.caller(auth); got != "" {
			t.Errorf("%s: taken for %s", name, got)
		}
	}

	good := "Bearer " + pair.Access
	if f.caller(good) != f.ann || f.caller("bearer "+pair.Access) != f.ann {
		t.Error("a good token is refused")
	}

	c.Advance(time.Minute)

	if f.caller(good) != "" {
		t.Error("an expired token is taken")
	}

	good = "Bearer " + f.granted(asAnn).Access
	f.RevokeTokens()

	if f.caller(good) != "" {
		t.Error("a revoked token is taken")
	}

	good = "Bearer " + f.granted(asAnn).Access
	f.DeleteUser(f.ann)

	if f.caller(good) != "" {
		t.Error("the token of a deleted account is taken")
	}
}

func TestOpaqueToken(t *testing.T) {
	t.Parallel()

	c := emulatortest.NewClock()
	f := newFixture(t, keycloak.Options{Now: c.Now})
	cat := f.AddUser(keycloak.User{Email: "cat@example.com", Token: "of-cat"})

	c.Advance(1000 * time.Hour)
	f.RevokeTokens()

	if f.caller("Bearer of-cat") != cat {
		t.Error("an opaque token is refused")
	}

	f.DeleteUser(cat)

	if f.caller("Bearer of-cat") != "" || f.caller("Bearer ") != "" {
		t.Error("the token of nobody is taken")
	}
}
