//go:build keycloak

package keycloaktest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// adminName is the administrator, whose password is that of everybody.
const adminName, password = emulator.AdminUsername, emulator.SeedPassword

// briefClient has access tokens that live for 4 seconds.
const briefClient = "brief-client"

// object is a JSON object.
type object map[string]any

// send calls the admin API of the realm. It returns the body of the response and the ID of what was created, and an error
// unless the response is a success.
func (k *server) send(ctx context.Context, method, place string, body any) ([]byte, string, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, "", err
	}

	request, err := http.NewRequestWithContext(ctx, method, k.url+"/auth/admin/realms/master"+place, bytes.NewReader(data))
	if err != nil {
		return nil, "", err
	}

	request.Header.Set("Content-Type", "application/json")

	response, err := k.web.Do(request)
	if err != nil {
		return nil, "", err
	}

	defer func() { _ = response.Body.Close() }()

	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s %s", method, place, response.Status, text)
	}

	return text, path.Base(response.Header.Get("Location")), err
}

// call is send in a test, which fails unless the response is a success.
func (k *server) call(t *testing.T, method, place string, body any) string {
	t.Helper()

	_, id, err := k.send(t.Context(), method, place, body)
	if err != nil {
		t.Fatal(err)
	}

	return id
}

// read is call for a response that matters.
func read[T any](t *testing.T, k *server, place string) T {
	t.Helper()

	data, _, err := k.send(t.Context(), http.MethodGet, place, nil)
	if err != nil {
		t.Fatal(err)
	}

	return emulatortest.Parse[T](t, string(data))
}

// setUp makes the realm what Wallaroo makes of it.
func (k *server) setUp(t *testing.T) {
	t.Helper()
	k.call(t, http.MethodPut, "", object{
		"accessTokenLifespan": accessLifetime.Seconds(), "ssoSessionIdleTimeout": refreshLifetime.Seconds(),
		"eventsEnabled": true, "enabledEventTypes": []string{"LOGIN", "LOGIN_ERROR", "REFRESH_TOKEN", "REFRESH_TOKEN_ERROR"},
	})

	client := func(id string, more object) {
		body := object{"clientId": id, "publicClient": true, "directAccessGrantsEnabled": true, "protocolMappers": hasuraMappers()}
		for name, value := range more {
			body[name] = value
		}

		k.call(t, http.MethodPost, "/clients", body)
	}
	client(emulator.SDKClientID, nil)
	client(emulator.APIClientID, object{"publicClient": false, "secret": emulator.APIClientSecret, "serviceAccountsEnabled": true})
	client(briefClient, object{"attributes": object{"access.token.lifespan": "4"}})
	k.openUsers(t)
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
func (k *server) openUsers(t *testing.T) {
	t.Helper()
	client := read[[]object](t, k, "/clients?clientId=master-realm")[0]

	var roles []object

	for _, role := range read[[]object](t, k, fmt.Sprintf("/clients/%s/roles", client["id"])) {
		switch role["name"] {
		case "manage-users", "view-users", "query-users", "query-groups":
			roles = append(roles, role)
		}
	}

	k.call(t, http.MethodPost, "/roles/default-roles-master/composites", roles)
}

// representation is an account as Keycloak's admin API takes it.
func representation(user emulator.User) object {
	out := object{
		"username": user.Username, "enabled": !user.Disabled, "requiredActions": user.RequiredActions,
		"credentials": []object{{"type": "password", "value": password}},
	}
	if user.Email != "" {
		out["email"] = user.Email
	}

	return out
}

func (k *server) addUser(t *testing.T, user emulator.User) string {
	t.Helper()
	return k.call(t, http.MethodPost, "/users", representation(user))
}

// addPerson adds an account whose user name is its email.
func (k *server) addPerson(t *testing.T, email string) string {
	t.Helper()
	return k.addUser(t, emulator.User{Username: email, Email: email})
}

func (k *server) setEnabled(t *testing.T, userID string, enabled bool) {
	t.Helper()
	k.call(t, http.MethodPut, "/users/"+userID, object{"enabled": enabled})
}

func (k *server) logout(t *testing.T, userID string) {
	t.Helper()
	k.call(t, http.MethodPost, "/users/"+userID+"/logout", nil)
}

func (k *server) deleteUser(t *testing.T, userID string) {
	t.Helper()
	k.call(t, http.MethodDelete, "/users/"+userID, nil)
}

// events counts what Keycloak has seen of a user, by the type of the event.
func (k *server) events(t *testing.T, userID string) map[string]int {
	t.Helper()

	counts := map[string]int{}
	for _, event := range read[[]struct{ Type string }](t, k, "/events?max=1000&user="+userID) {
		counts[event.Type]++
	}

	return counts
}
