package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// Who a member is, as far as the member list tells.
func TestVariants_memberList(t *testing.T) {
	t.Parallel()

	t.Run("emails in the list", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{GuideOnly: true, MemberEmails: true})
		p.instance.SetMember(8, benID, col)
		p.instance.SetMember(8, catID, col)

		member := memberBlock("ben", values{"workspace_id": 8, "email": benMail})
		p.mustApply(member)
		p.wantState("ben", values{"user_id": benID})
		p.wantWrites()

		found, diags := p.start().importID(userKind, "8/"+catMail)
		wantNoError(t, diags)
		p.put("cat", found)
		p.wantState("cat", values{"user_id": catID, "email": catMail})
	})

	t.Run("no email anywhere", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.GuideAPI())
		p.instance.SetMember(8, benID, col)

		_, diags := p.start().importID(userKind, "8/"+benMail)
		wantError(t, diags, "Unable to import", benMail, "Import by WORKSPACE_ID/USER_ID")
		wantNotSaid(t, diags, "endpoint", "Set `user_id`")

		found, diags := p.start().importID(userKind, "8/"+benID)
		wantNoError(t, diags)
		p.put("ben", found)
		p.wantEmpty(memberBlock("ben", values{"workspace_id": 8, "user_id": benID}))
	})
}

// Optional fields of another type are absent, and IDs are read in each form.
func TestVariants_oddFields(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		api  emulator.API
		want values
	}{
		"created_at": {emulator.API{NumericCreatedAt: true}, values{"created_at": nil, "created_by": annMail, "archived": false}},
		"created_by": {emulator.API{NumericCreatedBy: true}, values{"created_by": nil, "archived": false}},
		"archived":   {emulator.API{NumericArchived: true}, values{"created_by": annMail, "archived": false}},
		"models":     {emulator.API{TextModels: true}, values{"created_by": annMail, "archived": false}},
		"none":       {emulator.API{NoOptionalFields: true}, values{"created_at": nil, "created_by": nil, "archived": false}},
		"texts":      {emulator.API{IDs: emulator.IDText}, values{"created_by": annMail, "archived": false}},
		"floats":     {emulator.API{IDs: emulator.IDFloat}, values{"created_by": annMail, "archived": false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, one.api)
			p.mustApply(guideTeam()...)
			p.wantState("team", with(values{"id": 11, "name": "team-c"}, one.want))
			p.wantState("ben", values{"workspace_id": 11})

			p.instance.AddModel(8, 3)
			value, diags := p.start().readData("wallaroo_workspace", values{"name": "team-a"})
			wantNoError(t, diags)

			if run := p.start(); run.numberOf(value, "id") != 8 {
				t.Errorf("data source has read %s", value)
			}
		})
	}
}

// An instance without a default workspace, and the only workspace deleted behind
// Terraform's back.
func TestVariants_emptyInstance(t *testing.T) {
	t.Parallel()

	for name, api := range map[string]emulator.API{"guide": emulator.GuideAPI(), "claims": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			seed := people()
			seed.Workspaces = nil

			p := seededProject(t, api, seed)
			p.mustApply(guideTeam()...)

			id := p.instance.WorkspaceID("team-c")
			p.instance.RemoveWorkspace(id)

			ended := p.start()
			for _, at := range slices.Backward(p.order) {
				_, diags := ended.destroy(bg, p.state[at])
				wantNoError(t, diags)
			}

			out := p.plan(guideTeam()...)

			if name == "claims" {
				wantSays(t, out.refreshed.errors()[:1], "No workspaces accessible", "kept in state", "-refresh=false", "state rm")
				p.wantState("team", values{"name": "team-c"})

				return
			}

			wantNoError(t, out.all())

			if !out.refreshed.says("Workspace no longer accessible", `"team-c"`, "removed from state") {
				t.Errorf("refreshed with %s", out.refreshed)
			}

			if len(out.actions()) != 3 || out.actions()["team"] != "create" {
				t.Errorf("planned %v", out.actions())
			}

			p.mustApply(guideTeam()...)
			wantNoError(t, p.apply().all())
		})
	}
}

// An owner who may be the provider's own account is not removed.
func TestVariants_unknownCaller(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		api  emulator.API
		name string
	}{"guide": {emulator.GuideAPI(), annID}, "directory": {emulator.API{}, annMail}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, one.api)
			p.useToken()
			p.instance.SetMember(8, benID, own)

			set := setBlock(values{"workspace_id": 8, "owners": []string{benID}})
			out := p.apply(set)
			wantError(t, out.planned, "The provider's own account will lose rights", one.name, "List the ID of the account that the provider authenticates with")
			p.wantWrites()

			set.config["owners"] = []string{annID, benID}
			p.mustApply(set)
		})
	}
}

// The name of a workspace that is not visible.
func TestVariants_hiddenName(t *testing.T) {
	t.Parallel()

	for status, answer := range map[int]string{400: "Uniqueness violation", 409: "conflict", 500: "Uniqueness violation"} {
		for _, adopts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d adopts=%v", status, adopts), func(t *testing.T) {
				t.Parallel()

				p := newProject(t, emulator.API{DuplicateNameStatus: status})
				p.instance.AddWorkspace(emulator.Workspace{Name: "team-c", Members: map[string]string{danID: own}})
				out := p.apply(workspaceBlock("team", values{"name": "team-c", "adopt_existing": adopts}))
				wantError(t, out.all(), summaryNameInUse, `"team-c"`, fmt.Sprint(status), answer, "request ID",
					"No workspace of this name is accessible", "another name", "import it")
				p.wantWrites("create team-c")
			})
		}
	}
}

// An email that nothing can verify is not taken silently.
func TestVariants_unverifiedEmail(t *testing.T) {
	t.Parallel()

	for name, config := range map[string]values{
		"email":           {"workspace_id": 8, "email": annMail},
		"email and by ID": {"workspace_id": 8, "email": annMail, "user_id": benID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.GuideAPI())
			p.instance.SetMember(8, benID, col)

			found, diags := p.start().importID(userKind, "8/"+benID)
			wantNoError(t, diags)
			p.put("ben", found)

			out := p.mustApply(memberBlock("ben", config))
			wantSays(t, out.applied, "Email could not be verified", annMail, benID)
			p.wantMembers(8, map[string]string{annID: own, benID: col})
			p.wantWrites()
		})
	}
}

// The apply warns once, however many workspaces are removed from state.
func TestVariants_manyDestroyed(t *testing.T) {
	t.Parallel()

	var blocks []block
	for i := range 40 {
		blocks = append(blocks, workspaceBlock(fmt.Sprint(i), values{"name": fmt.Sprintf("many-%d", i)}))
	}

	p := newProject(t, emulator.API{})
	p.mustApply(blocks...)
	out := p.apply()

	if len(out.planned) != 40 || len(out.applied) != 1 {
		t.Errorf("%d warnings at plan, %d at apply", len(out.planned), len(out.applied))
	}

	for _, one := range out.all() {
		if one.Summary != "Workspace remains on the instance" {
			t.Errorf("warnings are not grouped: %q", one.Summary)
		}
	}

	if text := out.applied[0].Detail; !strings.Contains(text, "not repeated") {
		t.Error(text)
	}
}

// Three are adopted with three warnings.
func TestVariants_manyAdopted(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.instance.AddWorkspace(emulator.Workspace{Name: "team-c", Members: map[string]string{annID: own}})

	var blocks []block
	for _, name := range []string{"team-a", "team-b", "team-c"} {
		blocks = append(blocks, workspaceBlock(name, values{"name": name, "adopt_existing": true}))
	}

	out := p.mustApply(blocks...)
	for i, id := range []string{"ID 8", "ID 10", "ID 11"} {
		if one := out.planned[i]; len(out.planned) != 3 || one.Summary != "Existing workspace will be adopted" || !strings.Contains(one.Detail, id) {
			t.Errorf("planned with %s", out.planned)
		}
	}

	// Core plans each once more at apply. Nothing tells that from a plan before the
	// first write of the run.
	if len(out.applied) > 1 {
		t.Errorf("repeated at apply: %s", out.applied)
	}

	p.wantWrites()
}

// A create that is refused with words waits for less than four seconds.
func TestVariants_refusedCreate(t *testing.T) {
	t.Parallel()

	var waited atomic.Int64

	p := newProject(t, emulator.API{})
	p.sleep = func(ctx context.Context, d time.Duration) error {
		waited.Add(int64(d))

		return ctx.Err()
	}
	p.instance.Inject(emulator.Fault{Operation: "workspaces/create", Status: 500, Body: `{"error":"the name is odd"}`})

	out := p.apply(workspaceBlock("team", values{"name": "team-c"}))
	wantError(t, out.all(), "Unable to create workspace", "the name is odd", "safe to apply again")
	p.wantWrites("create team-c")

	if total := time.Duration(waited.Load()); total >= 4*time.Second {
		t.Errorf("waited for %s", total)
	}
}
