//go:build keycloak

package keycloaktest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// The accounts and clients are those of the emulator, so that one table can name both.
const (
	adminName = emulator.AdminUsername
	password  = emulator.SeedPassword
	apiClient = emulator.APIClientID
	apiSecret = emulator.APIClientSecret
	sdkClient = emulator.SDKClientID
	// adminSignIn is the form with which the administrator signs in.
	adminSignIn = "grant_type=password&client_id=admin-cli&username=" + adminName + "&password=" + password
	tokenPath   = "/auth/realms/master/protocol/openid-connect/token"
	// otherSecret belongs to other-client, and has what forms and headers encode.
	otherClient, otherSecret = "other-client", "a+b%41 &=ü"
	// briefClient has tokens that live for briefLife.
	briefClient, briefLife = "brief-client", 3 * time.Second
	// The lives of tokens, as sdk-client has them.
	accessLife, refreshLife = 60 * time.Second, 30 * time.Minute
)

// admin calls the admin API of a Keycloak.
type admin struct {
	url string

	mu      sync.Mutex // guards the rest
	current string
	until   time.Time
}

// object is a JSON object.
type object map[string]any

// call sends a request and returns the body and the location of its answer, which must be a success.
func (a *admin) call(t *testing.T, method, place string, body any) ([]byte, string) {
	t.Helper()
	token := a.token(t)
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request := newRequest(t, method, a.url+"/auth/admin/realms/master"+place, bytes.NewReader(data))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	answer := do(t, request)
	if answer.Status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, place, answer.Status, answer.Body)
	}
	return answer.Body, answer.Header.Get("Location")
}

// token signs the administrator in, unless a token is young enough.
func (a *admin) token(t *testing.T) string {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().Before(a.until) {
		return a.current
	}
	until := time.Now().Add(accessLife / 2)
	request := newRequest(t, http.MethodPost, a.url+tokenPath, strings.NewReader(adminSignIn))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := do(t, request)
	if answer.Status != http.StatusOK {
		t.Fatalf("signing in as the administrator: %d %s", answer.Status, answer.Body)
	}
	a.current, a.until = parse[struct {
		Access string `json:"access_token"`
	}](t, answer.Body).Access, until
	return a.current
}

// create makes a thing and returns its id.
func (a *admin) create(t *testing.T, place string, body any) string {
	t.Helper()
	_, location := a.call(t, http.MethodPost, place, body)
	return path.Base(location)
}

// setUp makes the realm what Wallaroo makes of it.
func (a *admin) setUp(t *testing.T) {
	t.Helper()
	a.set(t, object{
		"accessTokenLifespan":   accessLife.Seconds(),
		"ssoSessionIdleTimeout": refreshLife.Seconds(),
		"sslRequired":           "external",
	})
	confidential := func(id, secret string, attributes object) object {
		return object{
			"clientId": id, "secret": secret, "publicClient": false, "directAccessGrantsEnabled": true,
			"serviceAccountsEnabled": true, "protocolMappers": hasuraMappers(), "attributes": attributes,
		}
	}
	a.create(t, "/clients", confidential(apiClient, apiSecret, object{}))
	a.create(t, "/clients", confidential(otherClient, otherSecret, object{}))
	a.create(t, "/clients", object{
		"clientId": sdkClient, "publicClient": true, "directAccessGrantsEnabled": true, "protocolMappers": hasuraMappers(),
	})
	a.create(t, "/clients", object{
		"clientId": briefClient, "publicClient": true, "directAccessGrantsEnabled": true, "protocolMappers": hasuraMappers(),
		"attributes": object{"access.token.lifespan": "3"},
	})
	a.create(t, "/clients", object{
		"clientId": "no-direct", "secret": apiSecret, "directAccessGrantsEnabled": false, "publicClient": false,
	})
	a.create(t, "/clients", object{"clientId": "disabled-client", "secret": apiSecret, "enabled": false, "publicClient": false})
	a.openUsers(t)
}

// clientKey returns the id under which the admin API has a client.
func (a *admin) clientKey(t *testing.T, clientID string) string {
	t.Helper()
	text, _ := a.call(t, http.MethodGet, "/clients?clientId="+clientID, nil)
	found := parse[[]struct {
		ID string `json:"id"`
	}](t, text)
	if len(found) != 1 {
		t.Fatalf("%d clients %s", len(found), clientID)
	}
	return found[0].ID
}

// serviceAccount returns the id of the account behind a client.
func (a *admin) serviceAccount(t *testing.T, clientID string) string {
	t.Helper()
	text, _ := a.call(t, http.MethodGet, "/clients/"+a.clientKey(t, clientID)+"/service-account-user", nil)
	return parse[struct {
		ID string `json:"id"`
	}](t, text).ID
}

// hasuraMappers put the claims into access tokens that Wallaroo's API reads.
func hasuraMappers() []object {
	mapper := func(name, kind string, config object) object {
		config["claim.name"] = `https://hasura\.io/jwt/claims.x-hasura-` + name
		config["access.token.claim"] = "true"
		return object{"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config}
	}
	return []object{
		mapper("user-id", "oidc-usermodel-property-mapper", object{"user.attribute": "id", "jsonType.label": "String"}),
		mapper("user-email", "oidc-usermodel-property-mapper", object{"user.attribute": "email", "jsonType.label": "String"}),
		mapper("default-role", "oidc-hardcoded-claim-mapper", object{"claim.value": "user", "jsonType.label": "String"}),
		mapper("allowed-roles", "oidc-hardcoded-claim-mapper", object{"claim.value": `["user"]`, "jsonType.label": "JSON"}),
		mapper("user-groups", "oidc-hardcoded-claim-mapper", object{"claim.value": "{}", "jsonType.label": "String"}),
	}
}

// openUsers lets every account read and write users, as those of Wallaroo may.
func (a *admin) openUsers(t *testing.T) {
	t.Helper()
	realm := a.clientKey(t, "master-realm")
	text, _ := a.call(t, http.MethodGet, "/clients/"+realm+"/roles", nil)
	var roles []object
	for _, role := range parse[[]object](t, text) {
		switch role["name"] {
		case "manage-users", "view-users", "query-users", "query-groups":
			roles = append(roles, role)
		}
	}
	a.call(t, http.MethodPost, "/roles/default-roles-master/composites", roles)
}

func (a *admin) addUser(t *testing.T, user emulator.User) string {
	t.Helper()
	body := object{
		"username": user.Username, "enabled": !user.Disabled, "requiredActions": user.RequiredActions,
		"credentials": []object{{"type": "password", "value": password}},
	}
	if user.Email != "" {
		body["email"] = user.Email
	}
	return a.create(t, "/users", body)
}

func (a *admin) setEnabled(t *testing.T, userID string, enabled bool) {
	t.Helper()
	a.call(t, http.MethodPut, "/users/"+userID, object{"enabled": enabled})
}

func (a *admin) logout(t *testing.T, userID string) {
	t.Helper()
	a.call(t, http.MethodPost, "/users/"+userID+"/logout", nil)
}

func (a *admin) deleteUser(t *testing.T, userID string) {
	t.Helper()
	a.call(t, http.MethodDelete, "/users/"+userID, nil)
}

// set changes settings of the realm.
func (a *admin) set(t *testing.T, settings object) {
	t.Helper()
	a.call(t, http.MethodPut, "", settings)
}

func newRequest(t *testing.T, method, target string, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// response is an answer whose body was read.
type response struct {
	Status int
	Header http.Header
	Body   []byte
}

func do(t *testing.T, request *http.Request) response {
	t.Helper()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{answer.StatusCode, answer.Header, text}
}

func parse[T any](t *testing.T, data []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return value
}
