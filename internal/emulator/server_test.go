package emulator_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})

	cases := []struct {
		method, path string
		status       int
		body         string
	}{
		{http.MethodGet, "/v1/api/config", 200, `"default_arch":"x86"`},
		{http.MethodGet, "/v1/api/workspaces/list", 404, "no such path: GET /v1/api/workspaces/list"},
		{http.MethodPost, "/v1/api/workspaces/delete", 404, `"code":404`},
		{http.MethodGet, "/", 404, `"code":404`},
		{http.MethodPost, "//v1/api/workspaces/list", 400, `missingNormalization`},
		{http.MethodPost, "/" + tokenPath, 400, `missingNormalization`},
		{http.MethodPost, strings.TrimPrefix(tokenPath, "/auth"), 404, `"code":404`},
		{http.MethodGet, tokenPath, 405, "Method Not Allowed"},
		{http.MethodGet, "/auth/x", 404, "not found"},
	}
	for _, c := range cases {
		got := emulatortest.MustSend(t, c.method, f.URL+c.path, "")
		if got.Status != c.status || !strings.Contains(got.Body, c.body) {
			t.Errorf("%s %s: %d %s, want %d with %s", c.method, c.path, got.Status, got.Body, c.status, c.body)
		}
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{})
	for _, body := range []string{``, `{`, `[]`, `null`, `"x"`, `{} {}`, `{"user_ids":"x"}`} {
		wantError(t, f.post("users/query", body), 400, "JSON")
	}

	f.ok("users/query", ` {"unknown":[1,2]} `)
	large := f.post("users/query", `{"x":"`+strings.Repeat("x", 5<<20)+`"}`)
	wantError(t, large, 413, "")
}

func TestRecording(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	form := func(text string) {
		emulatortest.MustSend(t, http.MethodPost, f.URL+tokenPath, text, "Content-Type: "+emulatortest.Form)
	}
	form("client_id=api-client&client_secret=s3cret-1&grant_type=password&password=s3cret-2&username=admin")
	form("client_id=sdk-client&refresh_token=s3cret-3")

	for _, authorization := range []string{"Basic s3cret-4", "s3cret-5"} {
		emulatortest.MustSend(t, http.MethodPost, f.URL+"/v1/api/users/query", `{}`, "Authorization: "+authorization)
	}

	got := f.post("workspaces/list", `{ "as": "it is" }`)

	all := f.Requests()
	if text := slogText(all); strings.Contains(text, "s3cret") || strings.Contains(text, f.token) {
		t.Errorf("a secret was recorded:\n%s", text)
	}

	if want := "client_id=api-client&client_secret=***&grant_type=password&password=***&username=admin"; all[0].Body != want {
		t.Errorf("form is %q", all[0].Body)
	}

	last := all[4]
	if last.Operation != "workspaces/list" || last.Method != "POST" || last.Path != "/v1/api/workspaces/list" ||
		last.Body != `{ "as": "it is" }` || last.Status != 200 || last.Caller != emulator.HummelID ||
		last.Header.Get("Authorization") != "Bearer ***" || last.Header.Get("Accept-Encoding") != "gzip" ||
		last.ID != "request-000005" || got.Header.Get("X-Request-Id") != last.ID || last.Start.IsZero() {
		t.Errorf("record is %+v", last)
	}

	if all[0].Operation != "token" || all[0].Caller != "" || all[0].Status != 401 {
		t.Errorf("record is %+v", all[0])
	}

	if f.Count("users/query") != 2 || f.Count("") != 5 {
		t.Errorf("counts are %d and %d", f.Count("users/query"), f.Count(""))
	}

	f.ResetRequests()

	if f.Count("") != 0 || len(f.Requests()) != 0 {
		t.Error("requests are still there")
	}
}

func slogText(requests []emulator.Request) string {
	var out bytes.Buffer

	log := slog.New(slog.NewTextHandler(&out, nil))
	for _, r := range requests {
		log.Info("request", "request", r)
	}

	return out.String()
}

func TestHookActsBeforeTheWork(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})

	var seen []string

	f.SetOnRequest(func(r emulator.Request) {
		seen = append(seen, r.Operation)
		if r.Operation == "workspaces/create" {
			f.SetOnRequest(nil)
			f.AddWorkspace(emulator.Workspace{Name: "race"})
		}
	})
	wantError(t, f.post("workspaces/create", `{"workspace_name":"race"}`), 400, "Uniqueness")
	f.ok("workspaces/list", `{}`)

	if len(seen) != 1 {
		t.Errorf("hook saw %v", seen)
	}
}

func TestLatencyAndLogger(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	f := newFixture(t, emulator.Options{Latency: 20 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(&out, nil))})
	start := time.Now()

	f.ok("workspaces/list", `{}`)

	if time.Since(start) < 20*time.Millisecond {
		t.Error("the answer came too early")
	}

	if text := out.String(); strings.Count(text, "msg=request") != 1 || strings.Contains(text, "john") ||
		!strings.Contains(text, "path=/v1/api/workspaces/list status=200") {
		t.Errorf("log is:\n%s", text)
	}
}
