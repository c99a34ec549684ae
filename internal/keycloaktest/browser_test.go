//go:build keycloak

package keycloaktest_test

import (
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// What of a page a browser needs: the form, and its fields.
var (
	formAction = regexp.MustCompile(`(?s)<form[^>]*\saction="([^"]+)"`)
	inputField = regexp.MustCompile(`<input[^>]*>`)
	attribute  = regexp.MustCompile(`\s(name|value|type)="([^"]*)"`)
)

// browse opens a page and fills in each form that it leads to, as a person with a name and password would who then presses
// the button of that name, "accept" or "cancel". It returns the last page.
func browse(t *testing.T, page, username, button string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	request := newRequest(t, http.MethodGet, page, nil)
	var text string
	for range 5 {
		got := doWith(t, browser, request)
		text = string(got.Body)
		action := formAction.FindStringSubmatch(text)
		if action == nil {
			return text
		}
		target, err := got.URL.Parse(html.UnescapeString(action[1]))
		if err != nil {
			t.Fatal(err)
		}
		request = newRequest(t, http.MethodPost, target.String(), strings.NewReader(filled(text, username, button).Encode()))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	t.Fatalf("form after form, the last one is:\n%s", text)
	return ""
}

func filled(page, username, button string) url.Values {
	form := url.Values{}
	for _, field := range inputField.FindAllString(page, -1) {
		found := map[string]string{}
		for _, pair := range attribute.FindAllStringSubmatch(field, -1) {
			found[pair[1]] = html.UnescapeString(pair[2])
		}
		if found["type"] != "submit" && found["value"] != "" {
			form.Set(found["name"], found["value"])
		}
	}
	if strings.Contains(page, `name="username"`) {
		form.Set("username", username)
		form.Set("password", "emulator")
	}
	if strings.Contains(page, `name="`+button+`"`) {
		form.Set(button, "Yes")
	}
	return form
}
