package emulator

import (
	"net/http"
	"net/url"
	"strings"
)

// Texts about the form and the client of a request to the login server.
const (
	badClientText = "Invalid client or Invalid client credentials"
	repeatedText  = "duplicated parameter"
)

// formOf reads a form body. Any other body is an empty form to Keycloak.
func formOf(c *call) url.Values {
	kind, _, _ := strings.Cut(c.r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/x-www-form-urlencoded" {
		return url.Values{}
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return url.Values{}
	}
	return form
}

// repeated reports whether a form has a parameter twice.
func repeated(form url.Values) bool {
	for _, values := range form {
		if len(values) > 1 {
			return true
		}
	}
	return false
}

// authenticateClient returns the id of the client. What a form says wins over a Basic header, and a Basic header is
// decoded as a form value: both as Keycloak has it.
func authenticateClient(r *http.Request, form url.Values) (string, *answer) {
	refuse := func(code string) (string, *answer) {
		a := keycloakError(http.StatusUnauthorized, code, badClientText)
		return "", &a
	}
	var id, secret string
	if form.Get("client_id") != SDKClientID && r.Header.Get("Authorization") != "" {
		rawID, rawSecret, ok := r.BasicAuth()
		basicID, errID := url.QueryUnescape(rawID)
		basicSecret, errSecret := url.QueryUnescape(rawSecret)
		if !ok || errID != nil || errSecret != nil {
			return refuse("invalid_client")
		}
		id, secret = basicID, basicSecret
	}
	if form.Has("client_id") {
		id = form.Get("client_id")
	}
	if form.Has("client_secret") {
		secret = form.Get("client_secret")
	}
	switch {
	case id == SDKClientID:
		return id, nil
	case id != APIClientID:
		return refuse("invalid_client")
	case secret != APIClientSecret:
		return refuse("unauthorized_client")
	}
	return id, nil
}
