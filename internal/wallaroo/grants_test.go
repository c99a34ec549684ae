package wallaroo

import (
	"net/url"
	"testing"
	"time"

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
			f := newFake(t)
			f.api = goodList("access-1")
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

func TestTokenExpiry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer string
		fresh  time.Duration // still fresh then
		stale  time.Duration // renewed then; zero means never
	}{
		"an hour":       {`{"access_token":"access-1","expires_in":3600}`, 3569 * time.Second, 3570 * time.Second},
		"a minute":      {`{"access_token":"access-1","expires_in":60}`, 47 * time.Second, 48 * time.Second},
		"a string":      {`{"access_token":"access-1","expires_in":"60"}`, 47 * time.Second, 48 * time.Second},
		"missing":       {`{"access_token":"access-1"}`, 1e6 * time.Second, 0},
		"zero":          {`{"access_token":"access-1","expires_in":0}`, 1e6 * time.Second, 0},
		"negative":      {`{"access_token":"access-1","expires_in":-5}`, 1e6 * time.Second, 0},
		"spaces around": {`{"access_token":" access-1\n","expires_in":60}`, 47 * time.Second, 48 * time.Second},
	}
	for name, test := range tests {
		for _, credentials := range []Credentials{{Username: "u", Password: "p"}, {ClientID: "c", ClientSecret: "s"}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f, now := newFake(t), newClock()
				f.api = goodList("access-1")
				f.token = respond(200, test.answer, "Content-Type: text/plain")
				cfg := testConfig(f.URL)
				cfg.Credentials, cfg.Now = credentials, now.Now
				c := mustNew(t, cfg)
				mustList(t, c)
				now.advance(test.fresh)
				mustList(t, c)
				if _, signIns := f.counts(); signIns != 1 {
					t.Errorf("%d sign-ins while fresh", signIns)
				}
				if test.stale != 0 {
					now.advance(test.stale - test.fresh)
					mustList(t, c)
					if _, signIns := f.counts(); signIns != 2 {
						t.Errorf("%d sign-ins once stale, want 2", signIns)
					}
				}
			})
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	refused := respond(400, `{"error":"invalid_grant","error_description":"Token is not active"}`)
	tests := map[string]struct {
		first, second, third handler
		want                 []string // grants
	}{
		"refreshed": {tokenPair("access-1", "r1", 60, 1800), tokenPair("access-2", "r2", 60, 1800), nil,
			[]string{"password", "refresh_token"}},
		"refresh without limit": {tokenPair("access-1", "r1", 60, 0), tokenPair("access-2", "r2", 60, 0), nil,
			[]string{"password", "refresh_token"}},
		"refused": {tokenPair("access-1", "r1", 60, 1800), refused, grantToken("access-2", 60),
			[]string{"password", "refresh_token", "password"}},
		"refresh token expired": {tokenPair("access-1", "r1", 60, 30), grantToken("access-2", 60), nil,
			[]string{"password", "password"}},
		"no refresh token": {grantToken("access-1", 60), grantToken("access-2", 60), nil,
			[]string{"password", "password"}},
		"retried": {tokenPair("access-1", "r1", 60, 1800), respond(503, ""), tokenPair("access-2", "r2", 60, 1800),
			[]string{"password", "refresh_token", "refresh_token"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, now := newFake(t), newClock()
			f.api = goodList("access-1", "access-2")
			f.token = inTurn(test.first, test.second, test.third)
			cfg := userConfig(f.URL)
			cfg.Now = now.Now
			c := mustNew(t, cfg)
			mustList(t, c)
			now.advance(59 * time.Second)
			mustList(t, c)
			var grants []string
			for _, form := range f.forms(t) {
				grants = append(grants, form.Get("grant_type"))
				if form.Get("grant_type") == "refresh_token" && (form.Get("refresh_token") != "r1" || form.Get("client_id") != "sdk-client") {
					t.Errorf("refresh form %v", form)
				}
			}
			if diff := cmp.Diff(test.want, grants); diff != "" {
				t.Errorf("grants (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefresh_keepsTokenThatIsNotReplaced(t *testing.T) {
	t.Parallel()
	f, now := newFake(t), newClock()
	f.api = goodList("a")
	f.token = inTurn(tokenPair("a", "r1", 60, 100), grantToken("a", 60))
	cfg := userConfig(f.URL)
	cfg.Now = now.Now
	c := mustNew(t, cfg)
	for range 3 {
		mustList(t, c)
		now.advance(55 * time.Second)
	}
	var grants []string
	for _, form := range f.forms(t) {
		grants = append(grants, form.Get("grant_type"))
	}
	if diff := cmp.Diff([]string{"password", "refresh_token", "password"}, grants); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}
