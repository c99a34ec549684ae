package keycloaktest_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// reply is what of a response must be alike.
type reply struct {
	// Summary is the status, and the error or the user names.
	Summary     string
	ContentType string
	// Body and Claims are those of the body and of the access token, without values that differ each time.
	Body, Claims any
}

// newReply reads a response.
func newReply(t *testing.T, response emulatortest.Response) reply {
	t.Helper()
	body := emulatortest.Parse[any](t, response.Body)

	got := reply{
		Summary:     strings.TrimSpace(fmt.Sprint(response.Status, " ", summary(body))),
		ContentType: strings.ReplaceAll(response.Header.Get("Content-Type"), ";charset=UTF-8", ""),
	}
	if fields, ok := body.(map[string]any); ok && fields["access_token"] != nil {
		got.Claims = steady("", claimsOf(t, fmt.Sprint(fields["access_token"])))
	}

	got.Body = steady("", body)

	return got
}

// summary returns the error or the user names of a body.
func summary(body any) string {
	switch body := body.(type) {
	case []any:
		var names []string
		for _, user := range body {
			names = append(names, summary(user))
		}

		return strings.Join(names, " ")
	case map[string]any:
		if body["error_description"] != nil {
			return fmt.Sprint(body["error"], ": ", body["error_description"])
		}

		for _, name := range []string{"error", "username"} {
			if body[name] != nil {
				return fmt.Sprint(body[name])
			}
		}
	}

	return ""
}

var (
	// changing are the fields whose values differ each time.
	changing = []string{
		"access_token", "refresh_token", "exp", "iat", "jti", "iss", "sub", "sid", "x-hasura-user-id", "id", "createdTimestamp",
		"not-before-policy", "realm_access", "resource_access",
	}
	// ignored are fields that versions have or name in ways of their own, and that mean nothing to Wallaroo.
	ignored = []string{"access", "userProfileMetadata", "session_state", "clientHost", "clientAddress", "clientId"}
)

// steady replaces what differs each time in a field by its type, and puts what has no order into one.
func steady(name string, value any) any {
	if slices.Contains(changing, name) {
		return fmt.Sprintf("%T", value)
	}

	switch value := value.(type) {
	case map[string]any:
		for field, inner := range value {
			value[field] = steady(field, inner)
			if slices.Contains(ignored, field) {
				delete(value, field)
			}
		}
	case []any:
		for i, inner := range value {
			value[i] = steady("", inner)
		}

		slices.SortFunc(value, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	case string:
		if name == "scope" {
			return slices.Sorted(slices.Values(strings.Fields(value)))
		}
	case float64:
		if strings.HasSuffix(name, "expires_in") { // A second can pass while Keycloak makes a token.
			return math.Ceil(value/60) * 60
		}
	}

	return value
}

func claimsOf(t *testing.T, token string) any {
	t.Helper()

	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}

	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}

	return emulatortest.Parse[any](t, string(data))
}
