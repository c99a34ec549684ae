package keycloak_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

func TestKeySet(t *testing.T) {
	t.Parallel()
	f := newFixture(t, keycloak.Options{})

	get := func(url string) string { return emulatortest.MustSend(t, http.MethodGet, url, "").Body }

	discovery := emulatortest.Parse[struct {
		Issuer string `json:"issuer"`
		Token  string `json:"token_endpoint"`
		Keys   string `json:"jwks_uri"`
	}](t, get(f.web.URL+realmPath+"/.well-known/openid-configuration"))
	if discovery.Issuer != f.web.URL+realmPath || discovery.Token != f.web.URL+tokenPath {
		t.Errorf("discovery is %+v", discovery)
	}

	keys := emulatortest.Parse[jose.JSONWebKeySet](t, get(discovery.Keys))

	token, err := jwt.ParseSigned(f.granted(asAnn).Access, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}

	var claims jwt.Claims
	if err := token.Claims(keys, &claims); err != nil || claims.Subject != f.ann {
		t.Errorf("the published key does not verify the token: %v, %+v", err, claims)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()

	f := newFixture(t, keycloak.Options{})
	if len(f.ann) != 36 || strings.Count(f.ann, "-") != 4 || newFixture(t, keycloak.Options{}).ann != f.ann {
		t.Errorf("ID %q has not the form of a UUID, or is another in another run", f.ann)
	}

	f.SetUserEmail(f.ann, "Ann.Smith@Example.com")

	u, _ := f.ByEmail(t.Context(), "ann.smith@EXAMPLE.com")
	if u == nil || u.ID != f.ann || u.Username != "ann@example.com" || u.Email != "ann.smith@example.com" {
		t.Errorf("renamed user is %+v", u)
	}
	// The same email may come back with another ID.
	f.DeleteUser(f.bob)
	f.AddUser(keycloak.User{ID: "f:0a1b:bob@corp", Email: "bob@example.com"})

	if u, _ := f.ByEmail(t.Context(), "bob@example.com"); u == nil || u.ID != "f:0a1b:bob@corp" {
		t.Errorf("re-created user is %+v", u)
	}

	if u, _ := f.ByID(t.Context(), f.bob); u != nil {
		t.Errorf("deleted user is %+v", u)
	}

	if u, _ := f.ByEmail(t.Context(), ""); u != nil {
		t.Errorf("the user without an email is %+v", u)
	}

	if got := len(f.Users()); got != 3 {
		t.Errorf("%d users", got)
	}
}

func TestMistakesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, keycloak.Options{})
	f.AddUser(keycloak.User{Email: "cat@example.com", Token: "of-cat"})

	for text, u := range map[string]keycloak.User{
		"neither a username nor an email": {ID: "x"},
		"ID already in use":               {ID: f.ann, Email: "x@example.com"},
		"username already in use":         {Username: "ANN@example.com"},
		"email already in use":            {Username: "bobby", Email: "BOB@example.com"},
		"token already in use":            {Email: "x@example.com", Token: "of-cat"},
	} {
		if _, err := f.AddAll([]keycloak.User{u}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	defer func() {
		if recover() == nil || len(f.Users()) != 4 {
			t.Error("a mistake must panic and change nothing")
		}
	}()

	f.SetUserEnabled("nobody", false)
}
