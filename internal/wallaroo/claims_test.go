package wallaroo

import (
	"strings"
	"testing"
)

func TestCaller(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		token string
		want  CurrentUser
	}{
		"instance's claims": {jwt(`{"sub":"s","email":"Ann@example.com","preferred_username":"ann","iss":"https://id.example.com/auth/realms/master","https://hasura.io/jwt/claims":{"x-hasura-user-id":"h"}}`),
			CurrentUser{
				UserID: "h", Email: "Ann@example.com", Username: "ann",
				Issuer: "https://id.example.com/auth/realms/master", Instance: "https://id.example.com/auth/realms/master",
			}},
		"plain":           {jwt(`{"sub":"s"}`), CurrentUser{UserID: "s"}},
		"instance's mail": {jwt(`{"sub":"s","https://hasura.io/jwt/claims":{"x-hasura-user-email":"e"}}`), CurrentUser{UserID: "s", Email: "e"}},
		"other types":     {jwt(`{"sub":1,"email":[],"iss":7,"https://hasura.io/jwt/claims":"x"}`), CurrentUser{}},
		"no object":       {jwt(`[]`), CurrentUser{}},
		"opaque":          {"opaque", CurrentUser{}},
		"two dots":        {"a.b!.c", CurrentUser{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.token = grantToken(test.token, 60)

			want := test.want
			if want.Instance == "" {
				want.Instance = strings.TrimPrefix(f.URL, "http://")
			}

			given := testConfig(f.URL)

			given.Credentials = Credentials{Token: test.token}
			for _, cfg := range []Config{given, userConfig(f.URL)} {
				want.Login = cfg.Credentials.Username

				got, err := mustNew(t, cfg).CurrentUser(t.Context())
				if err != nil || got != want {
					t.Errorf("CurrentUser() = %+v, %v; want %+v", got, err, want)
				}
			}

			f.wantCounts(t, 0, 1)
		})
	}

	f := newFake(t)

	f.token = respond(500, "")
	if _, err := mustNew(t, userConfig(f.URL)).CurrentUser(t.Context()); !asError(t, err).Authentication {
		t.Error(err)
	}
}
