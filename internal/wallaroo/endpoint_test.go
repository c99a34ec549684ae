package wallaroo

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	t.Parallel()

	good := map[string]string{
		"https://api.example.com":            "https://api.example.com",
		" https://api.example.com/ ":         "https://api.example.com",
		"HTTPS://API.example.com:8443/":      "https://api.example.com:8443",
		"https://api.example.com:":           "https://api.example.com",
		"https://api.example.com/v1/api":     "https://api.example.com",
		"https://api.example.com/v1/api/":    "https://api.example.com",
		"https://api.example.com//v1//api//": "https://api.example.com",
		"https://example.com/team/a/v1/api":  "https://example.com/team/a",
		"https://example.com//team///a/":     "https://example.com/team/a",
		"https://example.com/a%2Fb/":         "https://example.com/a%2Fb",
		"https://example.com/auth":           "https://example.com/auth",
		"http://localhost:8080":              "http://localhost:8080",
		"http://LOCALHOST":                   "http://localhost",
		"http://127.4.5.6:1":                 "http://127.4.5.6:1",
		"http://[::1]:8080/":                 "http://[::1]:8080",
	}
	for raw, want := range good {
		got, err := ParseEndpoint(raw, false)
		if err != nil || got.String() != want {
			t.Errorf("ParseEndpoint(%q) = %v, %v; want %s", raw, got, err, want)
		}
	}

	bad := map[string]string{
		"":                                  "is empty",
		"  ":                                "is empty",
		"api.example.com":                   `must begin with "https://"`,
		"localhost:8080":                    `must begin with "https://"`,
		"mailto:canary@example.com":         `must begin with "https://"`,
		"ftp://example.com":                 "must be an https URL",
		"http://example.com":                "unencrypted HTTP",
		"http://127.0.0.1.example.com":      "unencrypted HTTP",
		"http://localhost.example.com":      "unencrypted HTTP",
		"https://":                          "has no host",
		"https:///path":                     "has no host",
		"https://:443":                      "has no host",
		"https://example.com:0":             "port",
		"https://example.com:70000":         "port",
		"https://canary:canary@example.com": "user information",
		"https://canary@example.com":        "user information",
		"https://u:canary/x@example.com":    "not a valid URL",
		"https://example.com?":              "query",
		"https://example.com?canary=1":      "query",
		"https://example.com#":              "fragment",
		"https://example.com/#canary":       "fragment",
		"https://exa mple.com":              "not a valid URL",
		"https://exa\xffmple.com":           "not a valid URL",
		"https://example.com/%zz":           "not a valid URL",
	}
	for raw, want := range bad {
		_, err := ParseEndpoint(raw, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseEndpoint(%q): error %v, want %q", raw, err, want)
		} else if strings.Contains(err.Error(), "canary") {
			t.Errorf("ParseEndpoint(%q): error %q shows the input", raw, err)
		}
	}

	if got, err := ParseEndpoint("http://api-lb:8080", true); err != nil || got.Host != "api-lb:8080" {
		t.Errorf("plain http, allowed: %v, %v", got, err)
	}
}

func TestParseAuthEndpoint(t *testing.T) {
	t.Parallel()

	for raw, want := range map[string]string{
		"https://k.example.com/auth":          "https://k.example.com",
		"https://k.example.com/auth/":         "https://k.example.com",
		"https://k.example.com/x/auth/v1/api": "https://k.example.com/x",
		"https://k.example.com/oauth":         "https://k.example.com/oauth",
	} {
		got, err := parseAuthEndpoint(raw, false)
		if err != nil || got.String() != want {
			t.Errorf("parseAuthEndpoint(%q) = %v, %v; want %s", raw, got, err, want)
		}
	}

	if _, err := parseAuthEndpoint("http://k.example.com", false); err == nil {
		t.Error("plain http was taken")
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, seed := range []string{"https://example.com", "http://127.0.0.1:80/v1/api//", "https://u:p@h/?q#f", "https://[::1%25en0]/a%2F/../b", "//x", "https:x", "https://[::1%25e\xb8n0]/a"} {
		f.Add(seed, false)
		f.Add(seed, true)
	}

	f.Fuzz(func(t *testing.T, raw string, allow bool) {
		for _, parse := range []func(string, bool) (*url.URL, error){ParseEndpoint, parseAuthEndpoint} {
			first, err := parse(raw, allow)
			if err != nil {
				continue
			}

			if first.Host == "" || first.User != nil || first.RawQuery != "" || first.Fragment != "" || strings.HasSuffix(first.Path, "/") && first.RawPath == "" {
				t.Errorf("%q gave %#v", raw, first)
			}

			second, err := parse(first.String(), allow)
			if err != nil || second.String() != first.String() {
				t.Errorf("%q gave %s, and that %v, %v", raw, first, second, err)
			}
		}
	})
}
