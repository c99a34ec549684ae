package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// query lists as `terraform query` does.
func (c *core) query(kind string, config values, limit int64, withData bool) []tfprotov6.ListResourceResult {
	c.t.Helper()

	server, ok := c.server.(tfprotov6.ListResourceServer)
	if !ok {
		c.t.Fatal("no list resources")
	}

	schema := c.schema.ListResourceSchemas[kind]
	if schema == nil {
		c.t.Fatalf("no list resource %s", kind)
	}

	dynamic := c.dynamic(schema.ValueType(), config)

	validated, err := server.ValidateListResourceConfig(bg, &tfprotov6.ValidateListResourceConfigRequest{TypeName: kind, Config: dynamic})
	c.must(err)
	wantNone(c.t, validated.Diagnostics)

	stream, err := server.ListResource(bg, &tfprotov6.ListResourceRequest{TypeName: kind, Config: dynamic, Limit: limit, IncludeResource: withData})
	c.must(err)

	return slices.Collect(stream.Results)
}

func wantNames(t *testing.T, results []tfprotov6.ListResourceResult, want ...string) {
	t.Helper()

	var got []string

	for _, result := range results {
		wantNone(t, result.Diagnostics)
		got = append(got, result.DisplayName)
	}

	if !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

func TestWorkspaceList(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.ArchiveWorkspace(9, true)

	run := start(t, instance)
	wantNames(t, run.query(workspaceKind, values{}, 0, false),
		"john.hummel@wallaroo.ai - Default Workspace", "mobilenetworkspacetest", "edge-observability-assaysbaseline-examples",
		"edge-observability-houseprice-demo", "clip-demo")
	wantNames(t, run.query(workspaceKind, values{"include_archived": true, "name_prefix": "o"}, 0, false), "onnx-tutorial")
	wantNames(t, run.query(workspaceKind, values{"name_prefix": "edge-"}, 1, false), "edge-observability-assaysbaseline-examples")
	wantNames(t, run.query(workspaceKind, values{"name_prefix": "none"}, 0, false))
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
}

// What is listed with its data is what an import gives: planned as it is, it is no
// change.
func TestList_dataPlansEmpty(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)
	instance.SetMember(8, emulator.AdminID, emulator.Owner)
	run := start(t, instance)

	for _, kind := range []string{workspaceKind, userKind} {
		for _, result := range run.query(kind, values{}, 0, true) {
			wantNone(t, result.Diagnostics)

			listed := run.decode(run.typeOf(kind), result.Resource)
			fields := run.fields(listed)
			config := values{}

			for _, attribute := range run.schema.ResourceSchemas[kind].Block.Attributes {
				if attribute.Optional || attribute.Required {
					config[attribute.Name] = plain(t, fields[attribute.Name])
				}
			}

			run.wantEmptyPlan(config, &object{kind: kind, value: listed, identity: result.Identity})
		}
	}

	if data := run.query(workspaceKind, values{}, 1, false)[0].Resource; data != nil {
		t.Errorf("data without being asked: %v", data)
	}
}

func TestWorkspaceUserList(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)
	instance.SetMember(8, emulator.AdminID, emulator.Collaborator)

	run := start(t, instance)
	members := run.query(userKind, values{"workspace_id": 9}, 0, false)
	wantNames(t, members, fmt.Sprintf("%q in onnx-tutorial (OWNER)", emulator.HummelEmail))

	if n := len(run.query(userKind, values{}, 0, false)); n != 8 {
		t.Errorf("%d members", n)
	}

	if n := len(run.query(userKind, values{}, 3, false)); n != 3 {
		t.Errorf("%d members at limit 3", n)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1, "workspaces/list_users": 6, "users/query": 1})

	found, diags := run.importRequest(&tfprotov6.ImportResourceStateRequest{TypeName: userKind, Identity: members[0].Identity})
	wantNone(t, diags)
	run.wantEmptyPlan(values{"workspace_id": 9, "email": emulator.HummelEmail, "user_type": "OWNER"}, found)
}

func TestList_failures(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	results := run.query(userKind, values{"workspace_id": 4711}, 0, false)

	if len(results) != 1 {
		t.Fatalf("%d results", len(results))
	}

	wantError(t, results[0].Diagnostics, "Unable to list resources", "4711")
	instance.Inject(emulator.Fault{Status: http.StatusForbidden, Body: `{"msg":"no","code":403}`, Operation: "workspaces/list_users"})

	results = run.query(userKind, values{}, 0, false)
	if len(results) != 1 {
		t.Fatalf("%d results", len(results))
	}

	wantError(t, results[0].Diagnostics, "Unable to list resources", "403", fmt.Sprintf("%q", "no"))

	unconfigured := newCore(t)
	wantNone(t, unconfigured.configure(values{"endpoint": unknown, "token": "x"}))
	wantError(t, unconfigured.query(workspaceKind, values{}, 0, false)[0].Diagnostics, summaryUnconfigured)
}
