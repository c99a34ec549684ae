package provider_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// secretParts are the parts of an address that may hold a secret: what stands before
// an @, in a query and in a fragment.
var secretParts = regexp.MustCompile(`~[0-9A-Za-z]{6,}`)

// An address never shows up in a message, whatever is wrong with it.
func FuzzEndpoint(f *testing.F) {
	for _, seed := range []string{
		"https://~secret1:~secret2@example.com", "https://~secret1@example.com", "https://u:~secret1/@example.com", "//~secret1@example.com",
		"https://example.com/?key=~secret1", "https://example.com/#~secret1", "http://~secret1:x@127.0.0.1", "~secret1:~secret2@example.com",
		"https://exam ple.com/~secret1", "https://[::1%25~secret1]/", "https://example.com:~secret1", "https:~secret1", "ftp://u:~secret1@h", "https://%zz~secret1",
		"", " ", "https://example.com/v1/api", "\x00~secret1",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, endpoint string) {
		if !utf8.ValidString(endpoint) {
			return // which Terraform cannot send
		}

		for _, attribute := range []string{"endpoint", "auth_endpoint"} {
			_, diags := configured(t, with(values{"endpoint": exampleURL, "token": "t"}, values{attribute: endpoint}), nil)
			text := diags.String()

			for _, secret := range secretParts.FindAllString(endpoint, -1) {
				if strings.Contains(text, secret) {
					t.Errorf("%s = %q: a message shows %q: %s", attribute, endpoint, secret, text)
				}
			}

			if len(endpoint) > 24 && strings.Contains(text, endpoint) && !strings.Contains(exampleURL, endpoint) {
				t.Errorf("%s = %q: a message shows all of it: %s", attribute, endpoint, text)
			}
		}
	})
}
