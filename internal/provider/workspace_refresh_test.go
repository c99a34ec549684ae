package provider_test

import (
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// A list that cannot be read never means that a workspace is gone.
func TestWorkspace_readKeepsTheStateWhenTheListIsBad(t *testing.T) {
	t.Parallel()

	answer := func(status int, body string) emulator.Fault { return emulator.Fault{Status: status, Body: body} }
	record := `{"id":8,"name":"clip-demo","created_at":"","created_by":"","archived":false,"models":[],"pipelines":[]}`

	cases := map[string]struct {
		fault emulator.Fault
		lists int
		words []string
	}{
		"401":            {answer(401, `{"msg":"who are you","code":401}`), 2, []string{"401 Unauthorized", "who are you", "renewed token was refused"}},
		"403":            {answer(403, `{"msg":"not yours","code":403}`), 1, []string{"403 Forbidden", "not yours", "no permission"}},
		"404":            {answer(404, `{"msg":"no such path","code":404}`), 1, []string{"404 Not Found", "no such path", "WALLAROO_URL"}},
		"500":            {answer(500, `{"msg":"oops","code":500}`), 1, []string{"500 Internal Server Error", "oops"}},
		"502":            {answer(502, `<html>bad gateway</html>`), 5, []string{"502 Bad Gateway", "proxy", "busy or restarting", "WALLAROO_MAX_RETRIES"}},
		"503":            {answer(503, `{"msg":"starting","code":503}`), 5, []string{"503 Service Unavailable", "starting", "later"}},
		"cut":            {emulator.Fault{Cut: true}, 5, []string{"no answer", "EOF", "WALLAROO_URL"}},
		"truncated":      {emulator.Fault{Truncate: true}, 5, []string{"no answer", "unexpected EOF"}},
		"HTML":           {answer(200, `<!doctype html><title>Sign in</title>`), 1, []string{"a proxy or login page answered 200 OK"}},
		"HTML by header": {emulator.Fault{Body: "sign in", Header: http.Header{"Content-Type": {"text/html"}}}, 1, []string{"login page"}},
		"redirect": {
			emulator.Fault{Status: 302, Header: http.Header{"Location": {"https://sso.example.com/canary"}}},
			1, []string{"302 Found", "sso.example.com", "not followed"},
		},
		"null":            {answer(200, `null`), 1, []string{"null", "unexpected response"}},
		"no list":         {answer(200, `{}`), 1, []string{`no "workspaces"`}},
		"null list":       {answer(200, `{"workspaces":null}`), 1, []string{`no "workspaces"`}},
		"empty":           {answer(200, ``), 1, []string{"an empty body"}},
		"bare list":       {answer(200, `[]`), 1, []string{"a list"}},
		"cut JSON":        {answer(200, `{"workspaces":[`), 1, []string{"not valid JSON"}},
		"trailing":        {answer(200, `{"workspaces":[`+record+`]}{}`), 1, []string{"not valid JSON"}},
		"word as ID":      {answer(200, `{"workspaces":[{"id":"eight","name":"clip-demo"}]}`), 1, []string{`no valid "id"`}},
		"object as list":  {answer(200, `{"workspaces":{}}`), 1, []string{"an object", "/workspaces"}},
		"no id":           {answer(200, `{"workspaces":[{"name":"clip-demo"}]}`), 1, []string{`no valid "id"`}},
		"twice":           {answer(200, `{"workspaces":[`+record+`,`+record+`]}`), 1, []string{"workspace 8 twice"}},
		"error as answer": {answer(200, `{"msg":"soft failure","code":500}`), 1, []string{"an error object", "soft failure"}},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			prior := imported(t, instance, "8")
			one.fault.Operation = "workspaces/list"
			instance.Inject(one.fault)

			run := start(t, instance)
			_, diags := run.read(bg, prior)
			wantError(t, diags, "Unable to read workspace", append(one.words, "workspace 8", "state was kept", "/v1/api/workspaces/list")...)

			if len(diags) != 1 {
				t.Errorf("%d diagnostics, want one: %s", len(diags), diags)
			}

			if n := instance.Count("workspaces/list"); n != one.lists {
				t.Errorf("%d lists, want %d", n, one.lists)
			}
		})
	}
}

// Every account has a default workspace, so an empty list tells of another account
// or another instance, and not of a deleted workspace.
func TestWorkspace_emptyListIsNeverGone(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	instance.Inject(emulator.Fault{Operation: "workspaces/list", Body: `{"workspaces":[]}`})

	for _, old := range []bool{false, true} {
		run := start(t, instance)
		run.old = old
		_, diags := run.read(bg, prior)
		wantError(t, diags, "No workspaces accessible", "workspace 8", "kept", "-refresh=false", "state rm", "endpoint")
	}

	_, diags := start(t, instance).importID(workspaceKind, "8")
	wantError(t, diags, "Unable to import", "ID 8", "returned no workspaces")
}

func TestWorkspace_gone(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	instance.HideWorkspace(8, true)

	for _, old := range []bool{false, true} {
		run := start(t, instance)
		run.old = old

		found, diags := run.read(bg, prior)
		wantWarning(t, diags, summaryGone, "Workspace 8 is not among", `"clip-demo" (ID 8)`, "gone", "lost access", "Import ID 8")
		wantGone(t, found)
	}
}

func TestWorkspace_readOfAnOldCLI(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	run.old = true

	config := values{"name": "team-a"}
	made := run.create(workspaceKind, config)

	again := start(t, instance)
	again.old = true
	again.wantEmptyPlan(config, made)

	left, diags := again.destroy(bg, made)
	wantWarning(t, diags, summaryRemains)
	wantGone(t, left)
}

// What changes without Terraform is no drift.
func TestWorkspace_noDriftFromUse(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": "clip-demo"}
	prior := imported(t, instance, "8")

	instance.SetCreatedBy(8, emulator.HummelEmail)
	instance.AddModel(8, 99)
	instance.AddPipeline(8, 99)
	instance.ArchiveWorkspace(8, true)
	instance.SetMember(8, emulator.HansarickID, emulator.Owner)

	run := start(t, instance)
	run.wantEmptyPlan(config, prior)

	found, diags := run.read(bg, prior)
	wantNone(t, diags)

	// Instances write the creator in another form later: the first one is kept.
	if by := run.text(found, "created_by"); by != emulator.HummelID {
		t.Errorf("created_by = %q", by)
	}
}

func TestWorkspace_imports(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	for _, id := range []string{"8", "clip-demo"} {
		run := start(t, instance)
		found, diags := run.importID(workspaceKind, id)
		wantNone(t, diags)
		wantID(t, run, found, 8)

		if !run.isNull(found, "adopt_existing") || !run.isNull(found, "deletion_policy") {
			t.Errorf("imported %s", found.value)
		}

		run.wantEmptyPlan(values{"name": "clip-demo"}, found)
	}

	found, diags := start(t, instance).importIdentity(workspaceKind, values{"id": 8})
	wantNone(t, diags)
	start(t, instance).wantEmptyPlan(values{"name": "clip-demo"}, found)

	for _, id := range []string{"1", defaultWorkspace} {
		found, diags := start(t, instance).importID(workspaceKind, id)
		wantNone(t, diags)
		start(t, instance).wantEmptyPlan(values{"name": defaultWorkspace, "adopt_existing": true}, found)
	}
}

func TestWorkspace_importsThatMiss(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.HideWorkspace(9, true)

	for id, word := range map[string]string{
		"4711":          "with the ID 4711",
		"9":             "with the ID 9",
		"0":             "with the ID 0",
		"-8":            "with the ID -8",
		"nowhere":       `with the name "nowhere"`,
		"Clip-Demo":     `with the name "Clip-Demo"`,
		"8.0":           `with the name "8.0"`,
		"onnx-tutorial": `with the name "onnx-tutorial"`,
		" ":             `with the name " "`,
	} {
		_, diags := start(t, instance).importID(workspaceKind, id)
		wantError(t, diags, "Unable to import", word, "No workspace", "is accessible", "exact name")
	}

	_, diags := start(t, instance).importIdentity(workspaceKind, values{"id": 4711})
	wantError(t, diags, "Unable to import", "with the ID 4711")

	instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusForbidden, Body: `{"msg":"not yours","code":403}`})

	for id, word := range map[string]string{"8": "with the ID 8", "clip-demo": `with the name "clip-demo"`} {
		_, diags := start(t, instance).importID(workspaceKind, id)
		wantError(t, diags, "Unable to import", word, "403", "not yours")
	}
}
