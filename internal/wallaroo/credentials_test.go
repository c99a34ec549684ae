package wallaroo

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGrants(t *testing.T) {
	t.Parallel()

	const secret = `s&c=r+t%41 "é`

	tests := map[string]struct {
		credentials Credentials
		want        url.Values
	}{
		"public client": {
			Credentials{Username: "ann@example.com", Password: secret},
			url.Values{"grant_type": {"password"}, "client_id": {"sdk-client"}, "username": {"ann@example.com"}, "password": {secret}},
		},
		"client with a secret": {
			Credentials{Username: "ann", Password: "p", ClientSecret: secret},
			url.Values{"grant_type": {"password"}, "client_id": {"api-client"}, "client_secret": {secret}, "username": {"ann"}, "password": {"p"}},
		},
		"named client": {
			Credentials{Username: "ann", Password: "p", ClientID: "mine"},
			url.Values{"grant_type": {"password"}, "client_id": {"mine"}, "username": {"ann"}, "password": {"p"}},
		},
		"client credentials": {
			Credentials{ClientID: "mine", ClientSecret: secret},
			url.Values{"grant_type": {"client_credentials"}, "client_id": {"mine"}, "client_secret": {secret}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, goodList("access-1"))
			cfg := testConfig("https://api.invalid")
			cfg.Endpoint, cfg.AuthEndpoint, cfg.Credentials = f.URL, f.URL+"/prefix/auth/", test.credentials
			c := mustNew(t, cfg)
			mustList(t, c)
			mustList(t, c)

			if diff := cmp.Diff([]url.Values{test.want}, f.forms(t)); diff != "" {
				t.Errorf("forms (-want +got):\n%s", diff)
			}

			first := f.seen()[0]
			if first.path != "/prefix"+tokenPath || first.header.Get("Authorization") != "" {
				t.Errorf("sign-in at %s with %v", first.path, first.header)
			}
		})
	}
}

func TestCredentialsFile(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		content string
		want    Credentials
		problem string // instead
	}{
		"user":                   {`{"username":"u","password":"p","email":"x","nothing":null}`, Credentials{Username: "u", Password: "p", ClientID: "beside"}, ""},
		"user and client":        {`{"username":"u","password":"p","confidentialClient":"c","confidentialPassword":"s"}`, Credentials{Username: "u", Password: "p", ClientID: "c", ClientSecret: "s"}, ""},
		"client":                 {`{"confidentialClient":"c","confidentialPassword":"s"}`, Credentials{ClientID: "c", ClientSecret: "s"}, ""},
		"token":                  {`{"token":" t\n","user_email":"x"}`, Credentials{Token: "t", ClientID: "beside"}, ""},
		"token and client":       {`{"token":"t","confidentialClient":"c","confidentialPassword":"s"}`, Credentials{Token: "t", ClientID: "beside"}, ""},
		"empty":                  {``, Credentials{}, "which is not a JSON object with text values"},
		"list":                   {`["canary"]`, Credentials{}, "which is not a JSON object with text values"},
		"number":                 {`{"username":"u","password":3141592653}`, Credentials{}, "which is not a JSON object with text values"},
		"cut":                    {`{"username":"u","password":"canary`, Credentials{}, "which is not a JSON object with text values"},
		"null":                   {`null`, Credentials{}, `in which none of "username", "password", "confidentialClient", "confidentialPassword", "token" is set`},
		"other names":            {`{"user":"u","pass":"canary"}`, Credentials{}, `in which none of "username"`},
		"user without":           {`{"username":"u"}`, Credentials{}, `in which "username" is set, but "password" is not`},
		"password without":       {`{"password":"canary"}`, Credentials{}, `in which "password" is set, but "username" is not`},
		"user and token":         {`{"username":"u","password":"canary","token":"canary"}`, Credentials{}, `in which "token" cannot be combined with "username" and "password"`},
		"token with a character": {`{"token":"can ary"}`, Credentials{}, `in which "token" contains a character`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path := filepath.Join(t.TempDir(), "creds.json")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}

			got, err := Credentials{File: path, ClientID: "beside"}.resolve()
			if test.problem == "" {
				if err != nil || got != test.want {
					t.Errorf("got %+v, %v; want %+v", got, err, test.want)
				}

				return
			}

			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Fatalf("error %v, want %q", err, test.problem)
			}

			if text := err.Error(); !strings.Contains(text, path) || strings.Contains(text, "canary") || strings.Contains(text, "3141592653") {
				t.Errorf("error %q", text)
			}
		})
	}
}

// A secret that was read with the end of its line is sent as it is, and a refusal
// says so.
func TestLineBreaks(t *testing.T) {
	t.Parallel()

	wrongUser := respond(401, `{"error":"invalid_grant","error_description":"Invalid user credentials"}`)
	wrongClient := respond(401, `{"error":"unauthorized_client","error_description":"Invalid client or Invalid client credentials"}`)

	tests := map[string]struct {
		credentials Credentials
		answer      handler
		hint        string
	}{
		"password":        {Credentials{Username: "ann", Password: "secret\n"}, wrongUser, "the password ends with a line break"},
		"Windows":         {Credentials{Username: "ann", Password: "secret\r\n"}, wrongUser, "the password ends with a line break"},
		"carriage return": {Credentials{Username: "ann", Password: "secret\r"}, wrongUser, "the password ends with a line break"},
		"client secret":   {Credentials{ClientID: "c", ClientSecret: "secret\n"}, wrongClient, "the client secret ends with a line break"},
		"inside":          {Credentials{Username: "ann", Password: "sec\nret"}, wrongUser, ""},
		"none":            {Credentials{Username: "ann", Password: "secret"}, wrongUser, ""},
		"another failure": {Credentials{Username: "ann", Password: "secret\n"}, respond(500, "boom"), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.token = test.answer
			cfg := testConfig(f.URL)
			cfg.Credentials = test.credentials

			_, err := mustNew(t, cfg).ListWorkspaces(t.Context())
			if !IsAuthentication(err) || strings.Contains(err.Error(), "line break") != (test.hint != "") || !strings.Contains(err.Error(), test.hint) {
				t.Errorf("error %v, want %q", err, test.hint)
			}

			form := f.forms(t)[0]
			if form.Get("password") != test.credentials.Password || form.Get("client_secret") != test.credentials.ClientSecret {
				t.Errorf("sent %v", form)
			}
		})
	}
}

// Whatever stands in the file, no message shows it, and what is taken is whole.
func FuzzCredentialsFile(f *testing.F) {
	for _, seed := range []string{
		"", "{", "null", "[]", "7", `"~ZQ"`, `{}`, `{"token":"~ZQ"}`, `{"username":"~ZQ","password":"~ZQ"}`, `{"username":"~ZQ"}`, `{"password":"~ZQ"}`,
		`{"username":"u","password":"~ZQ","token":"~ZQ"}`, `{"username":"u","password":"~ZQ","confidentialClient":"c"}`, `{"password":["~ZQ"]}`,
		`{"username":"u","password":"~ZQ","confidentialClient":"c","confidentialPassword":"~ZQ"}`, `{"~ZQ":"~ZQ"}`, "~ZQ", "{\"token\":\"~ZQ\xff\"}", `{"token":"~ZQ"}{}`,
	} {
		f.Add([]byte(seed))
	}

	name := filepath.Join(f.TempDir(), "credentials")

	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}

		got, err := Credentials{File: name}.resolve()

		text := fmt.Sprint(err)
		for _, secret := range secretsIn(content) {
			if strings.Contains(strings.ReplaceAll(text, name, ""), secret) {
				t.Errorf("the error shows %q: %s", secret, text)
			}
		}

		if err == nil && got.validate() != nil || err != nil && got != (Credentials{}) {
			t.Errorf("half of credentials were taken, with the error: %s", text)
		}
	})
}

// secretsIn returns the canaries of a file, and all of its values that no error holds
// by chance.
func secretsIn(content []byte) []string {
	secrets := []string{"~ZQ"}

	var fields map[string]any
	if json.Unmarshal(content, &fields) != nil {
		return secrets
	}

	for _, value := range fields {
		if text, ok := value.(string); ok && len(text) >= 16 && strings.ContainsAny(text, "~^|") {
			secrets = append(secrets, text)
		}
	}

	return secrets
}

func TestIsBearer(t *testing.T) {
	t.Parallel()

	for token, want := range map[string]bool{"": false, "!a~": true, "a b": false, "a\x7f": false, "a\x80": false, "a\n": false} {
		if got := isBearer(token); got != want {
			t.Errorf("isBearer(%q) = %v", token, got)
		}
	}
}
