package emulator

import (
	"bytes"
	"crypto/rand"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// deviceGrantType is what a device polls with (RFC 8628).
const deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code"

const authorizationPending = "authorization_pending"

// How long a device code is good, and how much time must pass between two polls: Keycloak's defaults.
const (
	deviceCodeLifetime = 10 * time.Minute
	devicePollInterval = 5 * time.Second
)

// deviceLogin is a sign-in that a device has begun, and that a person ends in a browser.
type deviceLogin struct {
	code, userCode string
	client, scope  string
	expires        time.Time
	nextPoll       time.Time
	decided        bool
	// session is that of the person who decided, nil if they refused the device.
	session *session
}

type deviceBody struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	CompleteURI     string `json:"verification_uri_complete"`
	ExpiresIn       int64  `json:"expires_in"`
	Interval        int64  `json:"interval"`
}

// beginDevice answers the codes that a device shows and polls with.
func (s *Server) beginDevice(c *call) answer {
	form := formOf(c)
	client, refused := authenticateClient(c.r, form)
	if refused != nil {
		return *refused
	}
	switch {
	case client != SDKClientID:
		return keycloakError(http.StatusBadRequest, "unauthorized_client",
			"Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client.")
	case repeated(form):
		return keycloakError(http.StatusBadRequest, invalidGrant, repeatedText)
	}
	scope, _ := grantedScope(form.Get("scope"))
	login := &deviceLogin{
		code: rand.Text(), userCode: newUserCode(), client: client, scope: scope,
		expires: s.opts.Now().Add(deviceCodeLifetime),
	}
	s.logins.devices[login.code] = login
	page := issuer(c.r) + "/device"
	a := jsonAnswer(http.StatusOK, deviceBody{
		DeviceCode: login.code, UserCode: login.userCode,
		VerificationURI: page, CompleteURI: page + "?user_code=" + url.QueryEscape(login.userCode),
		ExpiresIn: int64(deviceCodeLifetime.Seconds()), Interval: int64(devicePollInterval.Seconds()),
	})
	a.header.Set("Cache-Control", "no-store, must-revalidate, max-age=0")
	return a
}

// newUserCode returns eight letters with a dash, short enough to be typed.
func newUserCode() string {
	code := []byte(rand.Text())[:8]
	for i, b := range code {
		code[i] = 'A' + b%26
	}
	return string(code[:4]) + "-" + string(code[4:])
}

// plainCode is a user code without what people leave out or change.
func plainCode(code string) string { return strings.ToUpper(strings.ReplaceAll(code, "-", "")) }

func (s *Server) deviceGrant(t tokenCall) answer {
	if t.client != SDKClientID {
		return keycloakError(http.StatusBadRequest, invalidGrant, "Client not allowed OAuth 2.0 Device Authorization Grant")
	}
	if !t.form.Has("device_code") {
		return keycloakError(http.StatusBadRequest, invalidRequest, "Missing parameter: device_code")
	}
	login, ok := s.logins.devices[t.form.Get("device_code")]
	now := s.opts.Now()
	switch {
	case !ok:
		return keycloakError(http.StatusBadRequest, invalidGrant, "Device code not valid")
	case now.Before(login.nextPoll):
		return keycloakError(http.StatusBadRequest, "slow_down", "Slow down")
	}
	login.nextPoll = now.Add(devicePollInterval)
	switch {
	case !now.Before(login.expires):
		return keycloakError(http.StatusBadRequest, "expired_token", "Device code is expired")
	case !login.decided:
		return keycloakError(http.StatusBadRequest, authorizationPending, "The authorization request is still pending")
	case login.session == nil:
		return keycloakError(http.StatusBadRequest, "access_denied", "The end user denied the authorization request")
	}
	u, ok := s.store.users[login.session.userID]
	if login.session.closed || !ok {
		return keycloakError(http.StatusBadRequest, authorizationPending,
			"The authorization request is verified but can not lookup the user session yet")
	}
	delete(s.logins.devices, login.code)
	if u.Disabled {
		return keycloakError(http.StatusBadRequest, invalidGrant, "User disabled")
	}
	return s.tokens(t, u, login.session)
}

var devicePage = template.Must(template.New("device").Parse(`<!DOCTYPE html>
<title>Sign in a device</title>
{{with .Text}}<p>{{.}}</p>{{end}}
{{if .Ask}}<form method="post" action="{{.Action}}">
<p><label>Code of the device <input name="user_code" value="{{.UserCode}}"></label></p>
<p><label>User name or e-mail <input name="username" autofocus></label></p>
<p><label>Password <input name="password" type="password"></label></p>
<p><button name="accept" value="Yes">Sign in</button> <button name="cancel" value="No">Refuse</button></p>
</form>{{end}}
`))

type deviceForm struct {
	Text, Action, UserCode string
	Ask                    bool
}

func (f deviceForm) answer(status int) answer {
	var page bytes.Buffer
	if err := devicePage.Execute(&page, f); err != nil {
		return answer{status: http.StatusInternalServerError, body: []byte(err.Error())}
	}
	return answer{status: status, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body: page.Bytes()}
}

// showDevice is the page that the verification address of a device opens.
func (s *Server) showDevice(c *call) answer {
	page := deviceForm{Ask: true, Action: issuer(c.r) + deviceSignIn, UserCode: c.r.URL.Query().Get("user_code")}
	if page.UserCode != "" && s.deviceByUserCode(page.UserCode) == nil {
		page.Text = invalidCode
	}
	return page.answer(http.StatusOK)
}

const invalidCode = "Invalid code, please try again."

// deviceSignIn is where, below the realm, the page of a device posts to.
const deviceSignIn = "/login-actions/authenticate"

// decideDevice is what the page posts: it signs the person in, or refuses the device.
func (s *Server) decideDevice(c *call) answer {
	form := formOf(c)
	again := deviceForm{Ask: true, Action: issuer(c.r) + deviceSignIn, UserCode: form.Get("user_code")}
	login := s.deviceByUserCode(again.UserCode)
	if login == nil {
		again.Text = invalidCode
		return again.answer(http.StatusBadRequest)
	}
	if form.Has("cancel") {
		login.decided = true
		return deviceForm{Text: "The device was refused. You can close this page."}.answer(http.StatusOK)
	}
	u, fault := s.signIn(form.Get("username"), form.Get("password"))
	if fault != "" {
		again.Text = fault + ", please try again."
		return again.answer(http.StatusOK)
	}
	login.decided, login.session = true, s.openSession(u, login.client, login.scope)
	login.session.signedInAt = s.opts.Now()
	return deviceForm{Text: "The device is signed in. You can close this page."}.answer(http.StatusOK)
}

// deviceByUserCode returns the sign-in that waits for a decision, or nil.
func (s *Server) deviceByUserCode(code string) *deviceLogin {
	for _, login := range s.logins.devices {
		if plainCode(login.userCode) == plainCode(code) && !login.decided && s.opts.Now().Before(login.expires) {
			return login
		}
	}
	return nil
}
