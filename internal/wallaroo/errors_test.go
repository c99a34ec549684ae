package wallaroo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestErrorMessages(t *testing.T) {
	t.Parallel()

	const call = " to POST /prefix/v1/api/workspaces/list"

	tests := map[string]struct {
		answer handler
		want   string
	}{
		"msg":         {respond(403, `{"msg":"no","error":"x","code":403}`, "X-Request-Id: abc"), `the API answered 403 Forbidden` + call + `: "no" (request ID abc)`},
		"error":       {respond(429, `{"code":429,"status":"Error","error":"no capacity"}`), `the API answered 429 Too Many Requests` + call + `: "no capacity"`},
		"description": {respond(400, `{"error_description":"odd"}`), `the API answered 400 Bad Request` + call + `: "odd"`},
		"empty msg":   {respond(400, `{"msg":"","error":"x"}`), `the API answered 400 Bad Request` + call + `: "x"`},
		"other types": {respond(400, `{"msg":7}`), `the API answered 400 Bad Request` + call + `: "{\"msg\":7}"`},
		"text":        {respond(500, "upstream\n\t died \x00\x1b[31m\xff"), `the API answered 500 Internal Server Error` + call + ": \"upstream died \uFFFD\uFFFD[31m\uFFFD\""},
		"empty":       {respond(500, ""), `the API answered 500 Internal Server Error` + call},
		"unknown":     {respond(599, ""), `the API answered 599` + call},
		"duplicates":  {respond(400, `{"msg":"a","msg":"b"}`), `the API answered 400 Bad Request` + call + `: "b"`},
		"page":        {respond(200, "<html>sign in</html>", "Content-Type: text/html; charset=utf-8"), `a proxy or login page answered 200 OK` + call + ` at HOST, where JSON was expected`},
		"no target":   {respond(304, ""), `the API answered 304 Not Modified` + call + `: a redirect, which is never followed`},
		"request id":  {respond(400, "", "Request-Id: a\tb"), `the API answered 400 Bad Request` + call + ` (request ID a b)`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, test.answer)

			_, err := mustNew(t, testConfig(f.URL+"/prefix")).ListWorkspaces(t.Context())

			want := strings.ReplaceAll(test.want, "HOST", strings.TrimPrefix(f.URL, "http://"))
			if err == nil || err.Error() != want {
				t.Errorf("error %v\nwant  %s", err, want)
			}
		})
	}
}

const (
	canaryPassword = `canary-pass "word"&x`
	canarySecret   = "canary-secret"
	canaryHeader   = "canary-header"
	canaryAccess   = "canary-access"
	canaryRefresh  = "canary-refresh"
	canaryMail     = "canary-mail@example.com"
)

// echoes are answers of servers that repeat what they were sent, in every way.
func echoes(t *testing.T) map[string]handler {
	t.Helper()

	quoted, err := json.Marshal(canaryPassword)
	if err != nil {
		t.Fatal(err)
	}
	// The token's part and the URL's user are unknown to the client, which knows
	// their shapes.
	echo := strings.Join([]string{
		canaryPassword, url.QueryEscape(canaryPassword), canarySecret, canaryHeader, canaryAccess, canaryRefresh,
		"eyJjYW5hcnktand0LXBhcnQ", "http://canary-user:canary@proxy", string(quoted),
	}, " ")

	body, err := json.Marshal(map[string]string{"msg": echo, "error": echo, "error_description": echo})
	if err != nil {
		t.Fatal(err)
	}

	location := "Location: https://" + canarySecret + ".example.com/" + canaryAccess

	faults := map[string]handler{
		"duplicate": respond(200, fmt.Sprintf(`{%s:1,%s:2}`, quoted, quoted)),
		"cut":       cut,
	}
	for _, status := range []int{200, 302, 400, 401, 403, 429, 500, 503} {
		faults[fmt.Sprint(status)] = respond(status, string(body), "X-Request-Id: "+canaryHeader, location)
		faults[fmt.Sprint(status, " text")] = respond(status, echo, "X-Request-Id: "+canaryAccess)
		faults[fmt.Sprint(status, " page")] = respond(status, "<html>"+echo, "X-Request-Id: "+canaryRefresh)
	}

	return faults
}

func TestSecrets(t *testing.T) {
	t.Parallel()

	for name, fault := range echoes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.api, f.token = fault, tokenPair(canaryAccess, canaryRefresh, 3600, 0)
			checkSecrets(t, shownBy(t, f))
		})
		t.Run(name+" at sign-in", func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.token = fault
			// No token was issued, so that these are only words.
			words := strings.NewReplacer(canaryAccess, "", canaryRefresh, "")
			checkSecrets(t, words.Replace(shownBy(t, f)))
		})
	}
}

// shownBy returns the logs and errors of all operations.
func shownBy(t *testing.T, f *fake) string {
	t.Helper()

	var (
		mu    sync.Mutex // guards shown
		shown strings.Builder
	)

	show := func(values ...any) {
		mu.Lock()
		defer mu.Unlock()

		_, _ = fmt.Fprintln(&shown, values...)
	}
	cfg := testConfig(f.URL)
	cfg.Credentials = Credentials{Username: canaryMail, Password: canaryPassword, ClientSecret: canarySecret}
	cfg.Headers = map[string]string{"X-Gateway": canaryHeader, "X-Short": "1"}
	cfg.Log = func(_ context.Context, message string, fields map[string]any) { show(message, fields) }

	c := mustNew(t, cfg)
	for _, op := range operations {
		if err := op.call(t.Context(), c); err != nil {
			show(err, fmt.Sprintf("%+v", *asError(t, err)))
		} else if op.name != "add member" {
			t.Errorf("%s: no error", op.name)
		}
	}

	return shown.String()
}

func checkSecrets(t *testing.T, shown string) {
	t.Helper()

	for line := range strings.Lines(shown) {
		if strings.Contains(line, "canary") || strings.Contains(line, "eyJ") {
			t.Errorf("shown: %s", line)
		}
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	f := newFake(t, respond(503, "", "X-Request-Id: r1"), cut, respond(200, `{"workspaces":[]}`, "X-Request-Id: r3"))

	var lines []string

	cfg := userConfig(f.URL)
	cfg.Now = newClock().Now
	cfg.Log = func(_ context.Context, message string, fields map[string]any) {
		lines = append(lines, message+" "+fmt.Sprint(fields))
	}
	mustList(t, mustNew(t, cfg))

	const list = "method:POST path:/v1/api/workspaces/list"

	want := []string{
		"Wallaroo request map[attempt:1 duration_ms:0 method:POST path:" + tokenPath + " status:200]",
		"Wallaroo request map[attempt:1 duration_ms:0 failure:status " + list + " request_id:r1 status:503]",
		"Wallaroo request map[attempt:2 duration_ms:0 failure:transport " + list + " status:0]",
		"Wallaroo request map[attempt:3 duration_ms:0 " + list + " request_id:r3 status:200]",
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("logged:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

func TestSecrets_shortest(t *testing.T) {
	t.Parallel()

	s := newSecrets(Credentials{Password: "abcd", ClientSecret: "xyz"}, nil)
	if got := s.redact("abcd xyz"); got != redacted+" xyz" {
		t.Errorf("redacted: %q", got)
	}
}

func TestSecrets_forgetsOldTokens(t *testing.T) {
	t.Parallel()

	s := newSecrets(Credentials{}, nil)
	for n := range 3 * keptTokens {
		s.add(fmt.Sprintf("token-%d.", n), "")
	}

	if len(s.issued) != keptTokens || s.redact(fmt.Sprintf("token-%d.", 3*keptTokens-1)) != redacted {
		t.Errorf("%d tokens kept", len(s.issued))
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()

	if got := shorten(strings.Repeat("é", 8), 16); got != strings.Repeat("é", 8) {
		t.Errorf("shorten of what fits: %q", got)
	}

	if got := shorten(strings.Repeat("é", 9), 16); got != strings.Repeat("é", 6)+"…" {
		t.Errorf("shorten: %q", got)
	}
}

func FuzzExplain(f *testing.F) {
	for _, seed := range []string{`{"msg":"a","code":1}`, `{"error":"x","error_description":"y"}`, "<html>", "", "\xff\x00", `{"msg":"secret"}`, `{"msg":"sec\u0072et"}`} {
		f.Add(500, seed, true)
		f.Add(404, seed, false)
	}

	c, err := New(Config{Endpoint: "https://example.com", Credentials: Credentials{Username: "u", Password: "secret"}})
	if err != nil {
		f.Fatal(err)
	}

	f.Fuzz(func(t *testing.T, status int, body string, authentication bool) {
		r := request{operation: operation{authentication: authentication}, url: c.base}

		failure := c.transport.responseError(r, &http.Response{StatusCode: status}, &bodyReader{start: []byte(body)}, errors.New("odd"))
		for _, text := range []string{failure.Message, failure.Code} {
			if len(text) > shownBytes || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || strings.Contains(text, "secret") {
				t.Errorf("shown: %q", text)
			}
		}

		if failure.Error() == "" {
			t.Error("no text")
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, op := range operations {
		f.Add([]byte(op.good))
	}

	for _, seed := range []string{"", "null", "{}{}", `{"workspaces":[{"id":1,"name":"a"}]}`, `{"users":[{"user_id":"a"}]}`, `{"users":{"a":null,"b":{}}}`, `{"msg":"x","code":1}`} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, body []byte) {
		if list, err := decode[workspaceList](bytes.NewReader(body)); err == nil {
			for _, workspace := range list {
				if workspace.ID <= 0 {
					t.Errorf("id %d", workspace.ID)
				}
			}
		}

		if list, err := decode[memberList](bytes.NewReader(body)); err == nil {
			for _, member := range list {
				if member.UserID == "" || member.Role == "" {
					t.Errorf("member %+v", member)
				}
			}
		}

		if users, err := decode[userMap](bytes.NewReader(body)); err == nil {
			for id, user := range users {
				if id == "" || user.ID != id {
					t.Errorf("user %+v at %q", user, id)
				}
			}
		}

		if id, err := decode[createdWorkspace](bytes.NewReader(body)); err == nil && id <= 0 {
			t.Errorf("id %d", id)
		}

		_, _ = decode[memberChange](bytes.NewReader(body))
		_, _ = decode[tokenBody](bytes.NewReader(body))
	})
}
