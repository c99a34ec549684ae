package provider_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// fuzzed is one provider for all inputs of a process, as making one takes longer than
// most inputs do.
var fuzzed struct {
	sync.Mutex

	core *core
}

func withFuzzed(t *testing.T, use func(run *core)) {
	t.Helper()
	fuzzed.Lock()
	defer fuzzed.Unlock()

	if fuzzed.core == nil {
		fuzzed.core = newCore(t)
	}

	fuzzed.core.t = t
	use(fuzzed.core)
}

// canBeSent is true for what Terraform can send: its strings are UTF-8.
func canBeSent(text string) bool { return utf8.ValidString(text) }

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
		if !canBeSent(endpoint) {
			return
		}

		withFuzzed(t, func(run *core) {
			for _, attribute := range []string{"endpoint", "auth_endpoint"} {
				block := with(values{"endpoint": "https://wallaroo.example.com", "token": "t"}, values{attribute: endpoint})
				text := run.configure(block).String()

				for _, secret := range secretParts.FindAllString(endpoint, -1) {
					if strings.Contains(text, secret) {
						t.Errorf("%s = %q: a message shows %q: %s", attribute, endpoint, secret, text)
					}
				}

				if len(endpoint) > 24 && strings.Contains(text, endpoint) && !strings.Contains("https://wallaroo.example.com", endpoint) {
					t.Errorf("%s = %q: a message shows all of it: %s", attribute, endpoint, text)
				}
			}
		})
	})
}

// Any import id has an answer: what it names, or an error that says what to do.
func FuzzImportID(f *testing.F) {
	for _, seed := range []string{"8", "8/a@example.com", "clip-demo/x", "/", "a/b/c", "-1", "99999999999999999999/x", "\x00", "%s%d", "8/"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, id string) {
		if !canBeSent(id) || id == "" {
			return
		}

		withFuzzed(t, func(run *core) {
			wantNone(t, run.configure(values{"endpoint": "https://127.0.0.1:1", "token": "t", "max_retries": 0}))

			for _, kind := range []string{workspaceKind, userKind, exclusiveKind} {
				_, diags := run.importID(kind, id)
				if len(diags) != 1 || diags[0].Summary != "Unable to import" || diags[0].Detail == "" {
					t.Errorf("%s %q: %s", kind, id, diags)
				}
			}
		})
	})
}
