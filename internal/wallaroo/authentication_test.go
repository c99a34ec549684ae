package wallaroo

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAuthentication_outlivesCanceledCaller(t *testing.T) {
	t.Parallel()

	arrived, release := make(chan struct{}), make(chan struct{})
	f := newFake(t, goodList("access-1"))
	f.token = func(w http.ResponseWriter, r *http.Request, n int) {
		close(arrived)
		<-release
		grantToken("access-1", 60)(w, r, n)
	}
	c := mustNew(t, userConfig(f.URL))
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)

	go func() {
		_, err := c.ListWorkspaces(ctx)
		gone <- err
	}()

	<-arrived
	cancel()

	err := <-gone
	if failure := asError(t, err); !errors.Is(err, context.Canceled) || !failure.Authentication {
		t.Errorf("canceled caller: %v", err)
	}

	close(release)
	mustList(t, c)

	f.wantCounts(t, 1, 1)
}

func TestAuthentication_failures(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		answer  handler
		kind    Kind
		code    string
		want    string
		signIns int
	}{
		"wrong password, older": {respond(401, `{"error":"invalid_grant","error_description":"Invalid user credentials"}`),
			KindStatus, "invalid_grant", `the identity provider answered 401 Unauthorized to POST ` + tokenPath + `: invalid_grant: "Invalid user credentials"`, 1},
		"wrong password, newer": {respond(400, `{"error":"invalid_grant","error_description":"Invalid user credentials"}`),
			KindStatus, "invalid_grant", "400 Bad Request", 1},
		"unknown client":   {respond(401, `{"error":"invalid_client"}`), KindStatus, "invalid_client", "invalid_client", 1},
		"no HTTPS":         {respond(403, `{"error":"invalid_request","error_description":"HTTPS required"}`), KindStatus, "invalid_request", `"HTTPS required"`, 1},
		"another shape":    {respond(418, `{"msg":"tea"}`), KindStatus, "", `418 I'm a teapot to POST ` + tokenPath + `: "tea"`, 1},
		"wrong realm":      {respond(404, `{"error":"Realm does not exist"}`), KindStatus, "Realm does not exist", "Realm does not exist", 1},
		"wrong path, page": {respond(404, "<html>", "Content-Type: text/html"), KindHTML, "", "there is no identity provider at this address", 1},
		"wrong path, text": {respond(404, "not found"), KindStatus, "", "there is no identity provider at this address", 1},
		"page":             {respond(200, "<html>"), KindHTML, "", "a proxy or login page answered 200 OK", 1},
		"malformed":        {respond(200, "{"), KindMalformed, "", "not valid JSON", 1},
		"no token":         {respond(200, "{}"), KindMalformed, "", `no "access_token"`, 1},
		"error in a 200":   {respond(200, `{"error":"invalid_scope"}`), KindMalformed, "invalid_scope", "an error object", 1},
		"error and token":  {respond(200, `{"access_token":"a","error":"odd","error_description":"why"}`), KindMalformed, "odd", "an error object: why", 1},
		"bad token":        {respond(200, `{"access_token":"can ary"}`), KindMalformed, "", "cannot carry", 1},
		"429":              {respond(429, ""), KindStatus, "", "429", 3},
		"500":              {respond(500, "oh"), KindStatus, "", `"oh"`, 1},
		"502":              {respond(502, "<html>"), KindHTML, "", "502", 3},
		"503":              {respond(503, "", "Retry-After: 1"), KindStatus, "", "503", 3},
		"504":              {respond(504, ""), KindStatus, "", "504", 3},
		"cut":              {cut, KindTransport, "", "no answer from 127.0.0.1", 3},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.token = test.answer
			_, err := mustNew(t, userConfig(f.URL)).CreateWorkspace(t.Context(), "web")

			failure := asError(t, err)
			if !failure.Authentication || failure.OutcomeUnknown || failure.Kind != test.kind || failure.Code != test.code {
				t.Errorf("%#v", failure)
			}

			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "can ary") {
				t.Errorf("error %q, want %q", err, test.want)
			}

			f.wantCounts(t, 0, test.signIns)
		})
	}
}

func TestAuthentication_wrongPasswordIsNotRepeated(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.token = respond(401, `{"error":"invalid_grant","error_description":"Invalid user credentials"}`)
	cfg := userConfig(f.URL)
	cfg.Credentials.Password = "grant" // part of the code, which must be told apart all the same

	c := mustNew(t, cfg)
	for _, op := range operations {
		if failure := asError(t, op.call(t.Context(), c)); failure.Code != "invalid_grant" {
			t.Errorf("%s: %v", op.name, failure)
		}
	}

	f.wantCounts(t, 0, 1) // more would lock the account
}

func TestAuthentication_passingFailureIsNotKept(t *testing.T) {
	t.Parallel()
	f := newFake(t, goodList("access-1"))
	f.token = inTurn(respond(500, ""), grantToken("access-1", 60))

	c := mustNew(t, userConfig(f.URL))
	if _, err := c.ListWorkspaces(t.Context()); err == nil {
		t.Error("no error")
	}

	mustList(t, c)
}

func TestAuthentication_timeout(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.token = func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }
	cfg := userConfig(f.URL)
	cfg.RequestTimeout, cfg.MaxRetries = 30*time.Millisecond, 0

	if failure := listError(t, cfg); !failure.Authentication || !strings.Contains(failure.Error(), "timed out after 0.03 s") {
		t.Errorf("%v", failure)
	}
}
