//go:build keycloak

package keycloaktest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	client "github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// checkClient signs the client in to a Keycloak in every way.
func checkClient(t *testing.T, k *server) {
	alice := emulator.User{Username: "Alice@Example.com", Email: "Alice@Example.com"}
	aliceID := k.addUser(t, alice)
	nameless := emulator.User{Username: "nameless"}
	namelessID := k.addUser(t, nameless)
	serviceID := k.serviceAccount(t, apiClient)
	known := client.Caller{UserID: aliceID, Email: "alice@example.com", Username: "alice@example.com"}
	service := client.Caller{UserID: serviceID, Username: "service-account-api-client"}
	for name, c := range map[string]struct {
		credentials client.Credentials
		want        client.Caller
	}{
		"user": {client.Credentials{Username: "alice@example.com", Password: password}, known},
		"user in another letter case": {
			client.Credentials{Username: "ALICE@example.COM", Password: password}, known},
		"user with a client": {
			client.Credentials{Username: "alice@example.com", Password: password, ClientID: apiClient, ClientSecret: apiSecret}, known},
		"user with a secret alone": {
			client.Credentials{Username: "alice@example.com", Password: password, ClientSecret: apiSecret}, known},
		"user without an e-mail": {
			client.Credentials{Username: "nameless", Password: password}, client.Caller{UserID: namelessID, Username: "nameless"}},
		"client": {client.Credentials{ClientID: apiClient, ClientSecret: apiSecret}, service},
		"client with a secret to be encoded": {client.Credentials{ClientID: otherClient, ClientSecret: otherSecret},
			client.Caller{UserID: k.serviceAccount(t, otherClient), Username: "service-account-other-client"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWallaroo(t, k)
			checkAccess(t, newClient(t, w, c.credentials, nil), c.want)
		})
	}
	t.Run("token", func(t *testing.T) {
		t.Parallel()
		w := newWallaroo(t, k)
		form := "grant_type=client_credentials&client_id=" + apiClient + "&client_secret=" + apiSecret
		request := newRequest(t, http.MethodPost, w.URL+tokenPath, strings.NewReader(form))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		token, _ := parse[object](t, do(t, request).Body)["access_token"].(string)
		checkAccess(t, newClient(t, w, client.Credentials{Token: token}, nil), service)
	})
	t.Run("renewal", func(t *testing.T) { t.Parallel(); checkRenewal(t, k) })
	t.Run("logout", func(t *testing.T) { t.Parallel(); checkLogout(t, k) })
	t.Run("disabled later", func(t *testing.T) { t.Parallel(); checkDisabledLater(t, k) })
	t.Run("client renewal", func(t *testing.T) { t.Parallel(); checkClientRenewal(t, k) })
	t.Run("refusals", func(t *testing.T) { t.Parallel(); checkRefusals(t, k) })
}

func newClient(t *testing.T, w *wallaroo, credentials client.Credentials, now func() time.Time) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{
		Endpoint: w.URL, Credentials: credentials, MaxRetries: client.DefaultMaxRetries, UserAgent: "keycloaktest", Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkAccess reads who signed in, and has the API confirm it.
func checkAccess(t *testing.T, c *client.Client, want client.Caller) {
	t.Helper()
	got, err := c.Caller(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("caller (-want +got):\n%s", diff)
	}
	workspaces, err := c.ListWorkspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(workspaces) != 1 || workspaces[0].CreatedBy != want.UserID {
		t.Errorf("the API took the caller for another: %+v", workspaces)
	}
}

func checkAsked(t *testing.T, w *wallaroo, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.asked()); diff != "" {
		t.Errorf("asked for tokens (-want +got):\n%s", diff)
	}
}

// checkRenewal lets real time pass over several lives of a token, while calls come one after the other.
func checkRenewal(t *testing.T, k *server) {
	k.addUser(t, emulator.User{Username: "renewal@example.com", Email: "renewal@example.com"})
	w := newWallaroo(t, k)
	c := newClient(t, w, client.Credentials{Username: "renewal@example.com", Password: password, ClientID: briefClient}, nil)
	end := time.After(4 * briefLife)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for calls, running := 0, true; running; calls++ {
		if _, err := c.ListWorkspaces(t.Context()); err != nil {
			t.Fatalf("call %d: %v", calls, err)
		}
		select {
		case <-end:
			running = false
		case <-tick.C:
		}
	}
	asked := w.asked()
	if len(asked) < 3 || w.taken() < 3 {
		t.Fatalf("only %d tokens in 4 lives: %v", w.taken(), asked)
	}
	for i, grant := range asked {
		if want := "refresh_token 200"; i > 0 && grant != want {
			t.Errorf("token %d: %s, want %s", i+1, grant, want)
		}
	}
	if asked[0] != "password 200" {
		t.Errorf("first token: %s", asked[0])
	}
}

// clock runs ahead of the real one by as much as a test says: the client then takes its token for expired.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) skip(d time.Duration) { c.ahead.Add(int64(d)) }

// checkLogout ends the session behind the client's back: its refresh is refused, and it signs in anew.
func checkLogout(t *testing.T, k *server) {
	id := k.addUser(t, emulator.User{Username: "logout@example.com", Email: "logout@example.com"})
	w, clock := newWallaroo(t, k), &clock{}
	c := newClient(t, w, client.Credentials{Username: "logout@example.com", Password: password, ClientSecret: apiSecret}, clock.now)
	want := client.Caller{UserID: id, Email: "logout@example.com", Username: "logout@example.com"}
	checkAccess(t, c, want)
	checkAsked(t, w, "password 200")
	clock.skip(accessLife)
	checkAccess(t, c, want)
	checkAsked(t, w, "refresh_token 200")
	k.logout(t, id)
	clock.skip(accessLife)
	checkAccess(t, c, want)
	checkAsked(t, w, "refresh_token 400", "password 200")
	clock.skip(refreshLife)
	checkAccess(t, c, want)
	checkAsked(t, w, "password 200")
}

func checkDisabledLater(t *testing.T, k *server) {
	id := k.addUser(t, emulator.User{Username: "later@example.com", Email: "later@example.com"})
	w, clock := newWallaroo(t, k), &clock{}
	c := newClient(t, w, client.Credentials{Username: "later@example.com", Password: password}, clock.now)
	if _, err := c.ListWorkspaces(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.setEnabled(t, id, false)
	clock.skip(accessLife)
	_, err := c.ListWorkspaces(t.Context())
	checkRefusal(t, err, 400, "invalid_grant", "Account disabled")
	checkAsked(t, w, "password 200", "refresh_token 400", "password 400")
}

// checkClientRenewal shows that a client without a user, which gets no refresh token, signs in again.
func checkClientRenewal(t *testing.T, k *server) {
	w, clock := newWallaroo(t, k), &clock{}
	c := newClient(t, w, client.Credentials{ClientID: apiClient, ClientSecret: apiSecret}, clock.now)
	for range 3 {
		if _, err := c.ListWorkspaces(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.skip(accessLife)
	}
	checkAsked(t, w, "client_credentials 200", "client_credentials 200", "client_credentials 200")
}

func checkRefusals(t *testing.T, k *server) {
	k.addUser(t, emulator.User{Username: "refused@example.com"})
	k.addUser(t, emulator.User{Username: "off@example.com", Disabled: true})
	k.addUser(t, emulator.User{Username: "todo@example.com", RequiredActions: []string{"UPDATE_PASSWORD"}})
	user := func(name, secret string) client.Credentials {
		return client.Credentials{Username: name, Password: secret}
	}
	through := func(id, secret string) client.Credentials {
		return client.Credentials{Username: "refused@example.com", Password: password, ClientID: id, ClientSecret: secret}
	}
	badClient := "Invalid client or Invalid client credentials"
	for name, c := range map[string]struct {
		credentials client.Credentials
		status      int
		code, text  string
	}{
		"wrong password":      {user("refused@example.com", "wrong"), k.badPassword, "invalid_grant", "Invalid user credentials"},
		"unknown user":        {user("nobody@example.com", password), k.badPassword, "invalid_grant", "Invalid user credentials"},
		"disabled user":       {user("off@example.com", password), 400, "invalid_grant", "Account disabled"},
		"required action":     {user("todo@example.com", password), 400, "invalid_grant", "Account is not fully set up"},
		"wrong secret":        {through(apiClient, "wrong"), 401, "unauthorized_client", badClient},
		"no secret":           {through(apiClient, ""), 401, "unauthorized_client", badClient},
		"unknown client":      {through("nope", "wrong"), 401, "invalid_client", badClient},
		"disabled client":     {through("disabled-client", apiSecret), 401, "invalid_client", badClient},
		"no direct grants":    {through("no-direct", apiSecret), 400, "unauthorized_client", "Client not allowed for direct access grants"},
		"client, wrong":       {client.Credentials{ClientID: apiClient, ClientSecret: "wrong"}, 401, "unauthorized_client", badClient},
		"client, no accounts": {client.Credentials{ClientID: "no-direct", ClientSecret: apiSecret}, 401, "unauthorized_client", "Client not enabled to retrieve service account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWallaroo(t, k)
			own := newClient(t, w, c.credentials, nil)
			for range 3 {
				_, err := own.ListWorkspaces(t.Context())
				checkRefusal(t, err, c.status, c.code, c.text)
			}
			if asked := w.asked(); len(asked) != 1 {
				t.Errorf("a refused sign-in was tried again, which can lock an account: %v", asked)
			}
		})
	}
}

// checkRefusal wants an error of the sign-in that has Keycloak's own words.
func checkRefusal(t *testing.T, err error, status int, code, text string) {
	t.Helper()
	var failure *client.Error
	if !errors.As(err, &failure) {
		t.Fatalf("no error of the client: %v", err)
	}
	got := fmt.Sprint(failure.Authentication, failure.Kind, failure.Status, failure.Code, failure.Message)
	if want := fmt.Sprint(true, client.KindAnswer, status, code, text); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, part := range []string{"the identity provider answered", code, text} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}
