package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const (
	devicePath = "/auth/realms/master/protocol/openid-connect/auth/device"
	signInPath = "/auth/realms/master/login-actions/authenticate"
)

type deviceCodes struct {
	Device   string `json:"device_code"`
	User     string `json:"user_code"`
	Page     string `json:"verification_uri"`
	Complete string `json:"verification_uri_complete"`
	Expires  int    `json:"expires_in"`
	Interval int    `json:"interval"`
}

func (f *fixture) beginDevice() deviceCodes {
	f.t.Helper()
	answer := f.form(devicePath, "client_id", emulator.SDKClientID)
	if answer.Status != http.StatusOK {
		f.t.Fatalf("device: %d %s", answer.Status, answer.Body)
	}
	return parse[deviceCodes](f.t, answer.Body)
}

func (f *fixture) poll(codes deviceCodes) response {
	f.t.Helper()
	return f.form(tokenPath, "grant_type", "urn:ietf:params:oauth:grant-type:device_code",
		"client_id", emulator.SDKClientID, "device_code", codes.Device)
}

// press fills in the page of a device and presses the button.
func (f *fixture) press(codes deviceCodes, button, name, password string) response {
	f.t.Helper()
	return f.form(signInPath, "user_code", codes.User, "username", name, "password", password, button, "Yes")
}

func (f *fixture) wantPage(got response, status int, texts ...string) {
	f.t.Helper()
	if got.Status != status || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		f.t.Errorf("page: %d %s", got.Status, got.Header.Get("Content-Type"))
	}
	for _, text := range texts {
		if !strings.Contains(got.Body, text) {
			f.t.Errorf("the page lacks %q:\n%s", text, got.Body)
		}
	}
}

var devicePending = keycloakError{400, "authorization_pending", "The authorization request is still pending"}

func TestDevice(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFixture(t, emulator.Options{Now: c.Now})
	codes := f.beginDevice()
	page := f.web.URL + "/auth/realms/master/device"
	want := deviceCodes{codes.Device, codes.User, page, page + "?user_code=" + codes.User, 600, 5}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	f.wantKeycloakError(f.poll(codes), devicePending)
	f.wantKeycloakError(f.poll(codes), keycloakError{400, "slow_down", "Slow down"})
	c.advance(5 * time.Second)
	f.wantKeycloakError(f.poll(codes), devicePending)

	place, err := url.Parse(codes.Complete)
	if err != nil {
		t.Fatal(err)
	}
	f.wantPage(f.must(http.MethodGet, place.RequestURI(), "", "", ""), 200, codes.User, `action="`+f.web.URL+signInPath+`"`)
	f.wantPage(f.press(codes, "accept", emulator.HansarickEmail, "wrong"), 200, "Invalid user credentials", codes.User)
	c.advance(5 * time.Second)
	f.wantKeycloakError(f.poll(codes), devicePending)
	typed := deviceCodes{User: strings.ToLower(strings.ReplaceAll(codes.User, "-", ""))}
	f.wantPage(f.press(typed, "accept", emulator.HansarickEmail, emulator.SeedPassword), 200, "The device is signed in.")
	f.wantPage(f.press(codes, "cancel", "", ""), 400, "Invalid code")
	for _, request := range f.Requests() {
		if text := request.Body + request.Query; strings.Contains(text, codes.Device) || strings.Contains(text, codes.User) {
			t.Errorf("%s is recorded with a code: %s", request.Operation, text)
		}
	}
	c.advance(5 * time.Second)
	got := f.tokens(f.poll(codes))
	f.wantKeycloakError(f.poll(codes), keycloakError{400, "invalid_grant", "Device code not valid"})

	f.token = got.Access
	f.ok("workspaces/create", `{"workspace_name":"from-a-device"}`)
	if members := f.Members(f.WorkspaceID("from-a-device")); members[emulator.HansarickID] != emulator.Owner {
		t.Errorf("the token is that of somebody else: %v", members)
	}
	f.tokens(f.form(tokenPath, "grant_type", "refresh_token", "client_id", "sdk-client", "refresh_token", got.Refresh))
}

func TestDevice_refused(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFixture(t, emulator.Options{Now: c.Now})
	refused, late := f.beginDevice(), f.beginDevice()
	f.wantPage(f.press(refused, "cancel", "", ""), 200, "The device was refused.")
	f.wantKeycloakError(f.poll(refused), keycloakError{400, "access_denied", "The end user denied the authorization request"})
	f.wantPage(f.press(deviceCodes{User: `"><script>`}, "accept", "x", "x"), 400, "Invalid code", "&#34;&gt;&lt;script&gt;")

	f.wantPage(f.must(http.MethodGet, "/auth/realms/master/device?user_code=AAAA-BBBB", "", "", ""), 200, "Invalid code")

	c.advance(10 * time.Minute)
	f.wantPage(f.press(late, "accept", emulator.HummelEmail, emulator.SeedPassword), 400, "Invalid code")
	f.wantKeycloakError(f.poll(late), keycloakError{400, "expired_token", "Device code is expired"})

	secret := []string{"client_id", emulator.APIClientID, "client_secret", emulator.APIClientSecret}
	f.wantKeycloakError(f.form(devicePath, secret...), keycloakError{400, "unauthorized_client",
		"Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client."})
	f.wantKeycloakError(f.form(devicePath, "client_id", "nope"),
		keycloakError{401, "invalid_client", "Invalid client or Invalid client credentials"})
	f.wantKeycloakError(f.form(tokenPath, append(secret, "grant_type", "urn:ietf:params:oauth:grant-type:device_code", "device_code", late.Device)...),
		keycloakError{400, "invalid_grant", "Client not allowed OAuth 2.0 Device Authorization Grant"})
	f.wantKeycloakError(f.form(tokenPath, "client_id", "sdk-client", "grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
		keycloakError{400, "invalid_request", "Missing parameter: device_code"})
}

func TestDevice_userChanges(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	accepted := func(user string) deviceCodes {
		codes := f.beginDevice()
		f.wantPage(f.press(codes, "accept", user, emulator.SeedPassword), 200, "The device is signed in.")
		return codes
	}
	noSession := keycloakError{400, "authorization_pending",
		"The authorization request is verified but can not lookup the user session yet"}
	ended := accepted(emulator.HummelEmail)
	f.LogoutAll()
	f.wantKeycloakError(f.poll(ended), noSession)
	disabled := accepted(emulator.HummelEmail)
	f.SetUserEnabled(emulator.HummelID, false)
	f.wantKeycloakError(f.poll(disabled), keycloakError{400, "invalid_grant", "User disabled"})
	deleted := accepted(emulator.HansarickEmail)
	f.DeleteUser(emulator.HansarickID)
	f.wantKeycloakError(f.poll(deleted), noSession)
}
