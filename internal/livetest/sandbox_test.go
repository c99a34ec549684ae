package livetest_test

import (
	"maps"
	"strconv"
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

// instanceWithAnn has a third user, and no workspace of the suite.
func instanceWithAnn(t *testing.T, options emulator.Options) *emulatortest.Instance {
	t.Helper()
	instance := emulatortest.Start(t, options)
	instance.AddUser(emulator.User{ID: annID, Email: "ann@example.com"})

	return instance
}

func settingsOf(t *testing.T, instance *emulatortest.Instance, change map[string]string) livetest.Settings {
	t.Helper()

	environment := complete()
	maps.Copy(environment, map[string]string{
		"WALLAROO_URL": instance.URL, "WALLAROO_USER": emulator.HummelEmail, "WALLAROO_PASSWORD": emulator.SeedPassword,
		"WALLAROO_LIVE_MEMBER": emulator.HansarickEmail,
	})
	maps.Copy(environment, change)

	settings, err := read(environment)
	if err != nil {
		t.Fatal(err)
	}

	return settings
}

func open(t *testing.T, instance *emulatortest.Instance, change map[string]string) *livetest.Sandbox {
	t.Helper()

	sandbox, err := livetest.Open(t.Context(), settingsOf(t, instance, change))
	if err != nil {
		t.Fatal(err)
	}

	return sandbox
}

// ours is the suite's workspace as a run leaves it when it is interrupted, with a user whom somebody else has added.
func ours() emulator.Workspace {
	return emulator.Workspace{Name: first, CreatedBy: emulator.HummelEmail, Members: map[string]string{
		emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Owner, annID: emulator.Collaborator,
	}}
}

func wantNoWrite(t *testing.T, instance *emulatortest.Instance) {
	t.Helper()

	for _, operation := range []string{"workspaces/create", "workspaces/add_user", "workspaces/remove_user"} {
		if n := instance.Count(operation); n > 0 {
			t.Errorf("%s was called %d times", operation, n)
		}
	}
}

func TestCleanup_takesOutTheMemberAlone(t *testing.T) {
	t.Parallel()

	for name, createdBy := range map[string]string{
		"by email": emulator.HummelEmail, "in another letter case": strings.ToUpper(emulator.HummelEmail), "by ID": emulator.HummelID,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			instance := instanceWithAnn(t, emulator.Options{})
			workspace := ours()
			workspace.CreatedBy = createdBy
			id := instance.AddWorkspace(workspace)
			elsewhere := ours()
			elsewhere.Name = "live-test-10" // begins like a name of the suite
			other := instance.AddWorkspace(elsewhere)
			sandbox := open(t, instance, nil)

			got, err := sandbox.Cleanup(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}

			if got.ID != id || got.MemberRole != "" || len(got.Others) != 1 || got.Others[annID] != "COLLABORATOR" {
				t.Errorf("got is %+v", got)
			}

			want := map[string]string{emulator.HummelID: emulator.Owner, annID: emulator.Collaborator}
			if got := instance.Members(id); !maps.Equal(got, want) {
				t.Errorf("members are %v, want %v", got, want)
			}

			if got := instance.Members(other); len(got) != 3 {
				t.Errorf("members of another workspace are %v", got)
			}

			if n := instance.Count("workspaces/remove_user"); n != 1 {
				t.Errorf("%d removals", n)
			}
		})
	}
}

func TestCleanup_nothingThere(t *testing.T) {
	t.Parallel()
	instance := instanceWithAnn(t, emulator.Options{})

	sandbox := open(t, instance, nil)
	for n := 1; n <= livetest.Workspaces; n++ {
		if got, err := sandbox.Cleanup(t.Context(), n); err != nil || got.ID != 0 {
			t.Errorf("got %d is %+v, %v", n, got, err)
		}
	}

	wantNoWrite(t, instance)
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
			instance := instanceWithAnn(t, emulator.Options{API: emulator.API{DuplicateNames: true}})
			twin := ours()
			twin.Name = second
			instance.AddWorkspace(twin)

			workspace := ours()
			change(&workspace)
			id := instance.AddWorkspace(workspace)
			before := instance.Members(id)
			sandbox := open(t, instance, nil)

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

			wantNoWrite(t, instance)

			if got := instance.Members(id); !maps.Equal(got, before) {
				t.Errorf("members are %v, were %v", got, before)
			}
		})
	}
}

func TestCleanup_removalWithoutEffect(t *testing.T) {
	t.Parallel()
	instance := instanceWithAnn(t, emulator.Options{})
	instance.AddWorkspace(ours())
	sandbox := open(t, instance, nil)
	instance.Inject(emulator.Fault{Operation: "workspaces/remove_user", Status: 200, Body: `{"affected_rows":0}`})

	if _, err := sandbox.Cleanup(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "still has") {
		t.Errorf("error is %v", err)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()

	for want, test := range map[string]struct {
		options emulator.Options
		change  map[string]string
	}{
		"name another user": {change: map[string]string{"WALLAROO_LIVE_MEMBER": emulator.HummelEmail}},
		`"nobody@example.com": set WALLAROO_LIVE_MEMBER`: {change: map[string]string{"WALLAROO_LIVE_MEMBER": "nobody@example.com"}},
		"or unset WALLAROO_LIVE_MEMBER_ID":               {change: map[string]string{"WALLAROO_LIVE_MEMBER_ID": annID}},
		"may not read the users: give":                   {options: emulator.Options{API: emulator.API{UsersQuery: "403"}}},
		"Invalid user credentials":                       {change: map[string]string{"WALLAROO_PASSWORD": "wrong"}},
	} {
		instance := instanceWithAnn(t, test.options)

		_, err := livetest.Open(t.Context(), settingsOf(t, instance, test.change))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}

		wantNoWrite(t, instance)
	}
}

func TestOpen_withoutTheUsers(t *testing.T) {
	t.Parallel()

	for _, status := range []int{403, 404} {
		instance := instanceWithAnn(t, emulator.Options{API: emulator.API{UsersQuery: strconv.Itoa(status)}})
		id := instance.AddWorkspace(ours())

		sandbox := open(t, instance, map[string]string{"WALLAROO_LIVE_MEMBER_ID": emulator.HansarickID})
		if _, err := sandbox.Cleanup(t.Context(), 1); err != nil || sandbox.Users != nil {
			t.Errorf("status %d: %v, users %v", status, err, sandbox.Users)
		}

		if got := instance.Members(id); len(got) != 2 || got[annID] == "" {
			t.Errorf("members are %v", got)
		}
	}
}
