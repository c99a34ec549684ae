package livetest_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/livetest"
)

const (
	first  = "live-test-1"
	second = "live-test-2"
	annID  = "a44a0000-0000-4000-8000-000000000001"
)

// fixture is an instance with a third user, and no workspace of the suite.
type fixture struct{ *emulatortest.Instance }

func newFixture(t *testing.T, api emulator.API) fixture {
	t.Helper()
	instance := emulatortest.Start(t, emulator.Options{API: api})
	instance.AddUser(emulator.User{ID: annID, Email: "ann@example.com"})

	return fixture{instance}
}

// settings are those of a complete environment with some variables changed.
func (f fixture) settings(t *testing.T, change map[string]string) livetest.Settings {
	t.Helper()

	environment := complete()
	maps.Copy(environment, map[string]string{
		"WALLAROO_URL": f.URL, "WALLAROO_USER": emulator.HummelEmail, "WALLAROO_PASSWORD": emulator.SeedPassword,
		"WALLAROO_LIVE_MEMBER": emulator.HansarickEmail,
	})
	maps.Copy(environment, change)

	settings, err := read(environment)
	if err != nil {
		t.Fatal(err)
	}

	return settings
}

func (f fixture) open(t *testing.T, change map[string]string) *livetest.Sandbox {
	t.Helper()

	sandbox, err := livetest.Open(t.Context(), f.settings(t, change))
	if err != nil {
		t.Fatal(err)
	}

	return sandbox
}

func (f fixture) wantMembers(t *testing.T, id int64, want map[string]string) {
	t.Helper()

	if got := f.Members(id); !maps.Equal(got, want) {
		t.Errorf("members of %d are %v, want %v", id, got, want)
	}
}

func (f fixture) wantNoWrite(t *testing.T) {
	t.Helper()

	if n := f.Count("workspaces/create") + f.Count("workspaces/add_user") + f.Count("workspaces/remove_user"); n > 0 {
		t.Errorf("%d requests changed the instance", n)
	}
}

// ours is the suite's workspace as a run leaves it when it is interrupted, with a user whom somebody else has added.
func ours() emulator.Workspace {
	return emulator.Workspace{Name: first, CreatedBy: emulator.HummelEmail, Members: map[string]string{
		emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Owner, annID: emulator.Collaborator,
	}}
}

func TestCleanup_takesOutTheMemberAlone(t *testing.T) {
	t.Parallel()

	for name, createdBy := range map[string]string{
		"by email": emulator.HummelEmail, "in another letter case": strings.ToUpper(emulator.HummelEmail), "by ID": emulator.HummelID,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, emulator.API{})
			workspace, elsewhere := ours(), ours()
			workspace.CreatedBy = createdBy
			elsewhere.Name = "live-test-10" // begins like a name of the suite
			id, other := f.AddWorkspace(workspace), f.AddWorkspace(elsewhere)

			got, err := f.open(t, nil).Cleanup(t.Context(), 1)
			if err != nil || got.ID != id || got.MemberRole != "" || len(got.Others) != 1 || got.Others[annID] != "COLLABORATOR" {
				t.Errorf("got %+v, %v", got, err)
			}

			f.wantMembers(t, id, map[string]string{emulator.HummelID: emulator.Owner, annID: emulator.Collaborator})
			f.wantMembers(t, other, elsewhere.Members)

			if n := f.Count("workspaces/remove_user"); n != 1 {
				t.Errorf("%d removals", n)
			}
		})
	}
}

func TestCleanup_nothingThere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.API{})

	sandbox := f.open(t, nil)
	for n := 1; n <= livetest.Workspaces; n++ {
		if got, err := sandbox.Cleanup(t.Context(), n); err != nil || got.ID != 0 {
			t.Errorf("workspace %d is %+v, %v", n, got, err)
		}
	}

	f.wantNoWrite(t)
}

func TestCleanup_whatIsNotOurs(t *testing.T) {
	t.Parallel()

	for reason, change := range map[string]func(*emulator.Workspace){
		"somebody else created it":      func(w *emulator.Workspace) { w.CreatedBy = emulator.HansarickEmail },
		"does not say who created it":   func(w *emulator.Workspace) { w.CreatedBy = "" },
		"has models or pipelines":       func(w *emulator.Workspace) { w.Models = []int64{1} },
		"has models or pipelines, so":   func(w *emulator.Workspace) { w.Pipelines = []int64{1} },
		"does not own it any more":      func(w *emulator.Workspace) { w.Members[emulator.HummelID] = emulator.Collaborator },
		"is archived":                   func(w *emulator.Workspace) { w.Archived = true },
		"2 workspaces have this name":   func(w *emulator.Workspace) { w.Name = second },
		"is not the suite's: it":        func(w *emulator.Workspace) { w.Archived, w.Pipelines = true, []int64{1} },
		"Choose another WALLAROO_LIVE_": func(w *emulator.Workspace) { w.CreatedBy = annID },
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, emulator.API{DuplicateNames: true})
			workspace, twin := ours(), ours()
			twin.Name = second

			change(&workspace)
			f.AddWorkspace(twin)
			id := f.AddWorkspace(workspace)
			sandbox := f.open(t, nil)

			n := 1
			if workspace.Name == second {
				n = 2
			}

			for _, look := range []func() error{
				func() error { _, err := sandbox.Inspect(t.Context(), n); return err },
				func() error { _, err := sandbox.Cleanup(t.Context(), n); return err },
				func() error { _, err := sandbox.Facts(t.Context(), n); return err },
			} {
				if err := look(); err == nil || !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), "left alone") {
					t.Errorf("error is %v, want %q", err, reason)
				}
			}

			f.wantNoWrite(t)
			f.wantMembers(t, id, workspace.Members)
		})
	}
}

func TestCleanup_removalWithoutEffect(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.API{})
	f.AddWorkspace(ours())
	sandbox := f.open(t, nil)
	f.Inject(emulator.Fault{Operation: "workspaces/remove_user", Status: 200, Body: `{"affected_rows":0}`})

	if _, err := sandbox.Cleanup(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "still has") {
		t.Errorf("error is %v", err)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()

	for want, test := range map[string]struct{ variable, value, usersQuery string }{
		"name another user": {"WALLAROO_LIVE_MEMBER", emulator.HummelEmail, ""},
		`"nobody@example.com": set WALLAROO_LIVE_MEMBER`: {"WALLAROO_LIVE_MEMBER", "nobody@example.com", ""},
		"or unset WALLAROO_LIVE_MEMBER_ID":               {"WALLAROO_LIVE_MEMBER_ID", annID, ""},
		"may not read the users: give":                   {"WALLAROO_LIVE_MEMBER_ID", "", "403"},
		"Invalid user credentials":                       {"WALLAROO_PASSWORD", "wrong", ""},
	} {
		f := newFixture(t, emulator.API{UsersQuery: test.usersQuery})

		_, err := livetest.Open(t.Context(), f.settings(t, map[string]string{test.variable: test.value}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}

		f.wantNoWrite(t)
	}
}

func TestOpen_withoutTheUsers(t *testing.T) {
	t.Parallel()

	for _, status := range []string{"403", "404"} {
		f := newFixture(t, emulator.API{UsersQuery: status})
		id := f.AddWorkspace(ours())

		sandbox := f.open(t, map[string]string{"WALLAROO_LIVE_MEMBER_ID": emulator.HansarickID})
		if _, err := sandbox.Cleanup(t.Context(), 1); err != nil || sandbox.Users != nil {
			t.Errorf("status %s: %v, users %v", status, err, sandbox.Users)
		}

		f.wantMembers(t, id, map[string]string{emulator.HummelID: emulator.Owner, annID: emulator.Collaborator})
	}
}
