//go:build keycloak

package keycloaktest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// checkRights connects an emulator with a client that may see more and more.
func checkRights(t *testing.T, k *server) {
	const blind = "blind-client"
	k.create(t, "/clients", object{
		"clientId": blind, "secret": apiSecret, "publicClient": false, "serviceAccountsEnabled": true,
	})
	account := "/users/" + k.serviceAccount(t, blind) + "/role-mappings"
	connect := func(id, secret string) string {
		_, err := keycloak.Connect(t.Context(), keycloak.IssuerConfig{
			URL: k.url + "/auth/realms/master", ClientID: id, ClientSecret: secret,
		})
		if err == nil {
			return ""
		}
		return err.Error()
	}
	want := func(when, got, text string) {
		t.Helper()
		if (text == "") != (got == "") || !strings.Contains(got, text) {
			t.Errorf("%s: %q, want %q", when, got, text)
		}
	}
	grant := func(name string) {
		realm := k.clientKey(t, "master-realm")
		text, _ := k.call(t, http.MethodGet, "/clients/"+realm+"/roles/"+name, nil)
		k.call(t, http.MethodPost, account+"/clients/"+realm, []object{parse[object](t, text)})
	}
	blindness := `the client may not read them; give its service account the roles view-users and query-users of master-realm`
	roles, _ := k.call(t, http.MethodGet, account+"/realm", nil)
	k.call(t, http.MethodDelete, account+"/realm", parse[[]object](t, roles))
	want("without a role", connect(blind, apiSecret), blindness)
	grant("query-users")
	want("with query-users alone", connect(blind, apiSecret), blindness)
	grant("view-users")
	want("with both", connect(blind, apiSecret), "")
	want("wrong secret", connect(blind, "wrong"), `is refused: 401 "unauthorized_client: Invalid client or Invalid client credentials"`)
	want("unknown client", connect("nope", "wrong"), `is refused: 401 "invalid_client: Invalid client or Invalid client credentials"`)
	want("no service account", connect("no-direct", apiSecret),
		`is refused: 401 "unauthorized_client: Client not enabled to retrieve service account"`)
}

// checkRotation gives the realm another key while an emulator runs.
func checkRotation(t *testing.T, k *server) {
	k.addUser(t, emulator.User{Username: "rotated@example.com", Email: "rotated@example.com"})
	issuer, err := keycloak.Connect(t.Context(), keycloak.IssuerConfig{
		URL: k.url + "/auth/realms/master", ClientID: apiClient, ClientSecret: apiSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Issuer: issuer})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	s := &stage{url: web.URL, login: &wallaroo{Server: &httptest.Server{URL: k.url}}}
	before := s.as(t, "rotated@example.com")
	before.workspaces(t)
	text, _ := k.call(t, http.MethodGet, "", nil)
	realm, _ := parse[object](t, text)["id"].(string)
	k.create(t, "/components", object{
		"name": "newer", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "parentId": realm,
		"config": object{"priority": []string{"200"}, "keySize": []string{"2048"}},
	})
	after := s.as(t, "rotated@example.com")
	if header := func(token string) string { return token[:strings.Index(token, ".")] }; header(before.token) == header(after.token) {
		t.Fatal("the key was not rotated")
	}
	after.workspaces(t)
	before.workspaces(t)
}
