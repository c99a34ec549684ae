package emulator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func TestGuideSeed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide, Now: emulatortest.NewClock().Now, API: emulator.API{CreatedBy: emulator.CreatedByID}})

	got := f.list(`{}`)
	if slices.IsSortedFunc(got, func(a, b workspace) int { return int(a.ID - b.ID) }) {
		t.Error("the list is sorted, which no client may rely on")
	}

	slices.SortFunc(got, func(a, b workspace) int { return int(a.ID - b.ID) })

	by := emulator.HummelID

	want := []workspace{
		{1, "john.hummel@wallaroo.ai - Default Workspace", "2023-11-20T16:05:06.323911+00:00", by, false, []int64{}, []int64{}},
		{5, "mobilenetworkspacetest", "2023-11-20T16:05:48.271364+00:00", by, false, []int64{1, 2}, []int64{1}},
		{6, "edge-observability-assaysbaseline-examples", "2023-11-20T16:09:31.950532+00:00", by, false, []int64{3}, []int64{4}},
		{7, "edge-observability-houseprice-demo", "2023-11-20T17:36:07.131292+00:00", by, false,
			[]int64{4, 5, 6, 7, 8, 9, 12}, []int64{7, 14, 16}},
		{8, "clip-demo", "2023-11-20T18:57:53.667873+00:00", by, false, []int64{10, 11}, []int64{19}},
		{9, "onnx-tutorial", "2023-11-22T16:24:47.786643+00:00", by, false, []int64{13}, []int64{22}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}

	for i, name := range []string{"testapiworkspace-requests", "testapiworkspace-curl", "third", "fourth"} {
		if id, want := f.create(name), []int64{10, 12, 13, 15}[i]; id != want {
			t.Errorf("%s got id %d, want %d", name, id, want)
		}
	}

	if got := f.find(10); got.CreatedAt != "2023-11-28T21:16:09.891951+00:00" || got.CreatedBy != by {
		t.Errorf("new workspace is %+v", got)
	}
}

func TestOtherSeeds(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{})
	if got := f.list(`{}`); len(got) != 1 || got[0].ID != 1 || got[0].CreatedBy != emulator.HummelEmail {
		t.Errorf("workspaces are %+v", got)
	}

	if first, second := f.create("first"), f.create("second"); first != 2 || second != 4 {
		t.Errorf("IDs are %d and %d", first, second)
	}

	f = newFixture(t, emulator.Options{Seed: emulator.SeedAccounts})
	if got := f.ok("workspaces/list", `{}`); got != `{"workspaces":[]}` {
		t.Errorf("got %s", got)
	}
}

func TestSameRunSameOutput(t *testing.T) {
	t.Parallel()

	run := func() []string {
		f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide, Now: emulatortest.NewClock().Now})
		user := f.AddUser(emulator.User{Email: "New@Example.com"})
		f.ok("workspaces/add_user", `{"workspace_id":5,"user_id":"`+user+`"}`)
		f.create("again")

		return []string{f.ok("workspaces/list", `{}`), f.ok("users/query", `{}`), f.ok("workspaces/list_users", `{"workspace_id":5}`)}
	}
	if diff := cmp.Diff(run(), run()); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide})
	f.SetMember(7, emulator.HansarickID, "collaborator")
	f.HideWorkspace(8, true)

	for user, want := range map[string][]int64{
		emulator.HummelEmail:    {1, 5, 6, 7, 9},
		emulator.HansarickEmail: {7},
		emulator.AdminUsername:  {1, 5, 6, 7, 9},
	} {
		f.login(user)

		if diff := cmp.Diff(want, f.ids(`{}`)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", user, diff)
		}
	}

	wantError(t, f.post("workspaces/create", `{"workspace_name":"clip-demo"}`), 400, "workspace_name_key")
	f.HideWorkspace(8, false)

	f.login(emulator.HummelEmail)

	if got := len(f.list(`{}`)); got != 6 {
		t.Errorf("after hiding ended, %d workspaces", got)
	}
}

func TestListFilter(t *testing.T) {
	t.Parallel()

	all, some := []int64{1, 5, 6, 7, 8, 9}, []int64{5}

	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide})
	f.SetMember(5, emulator.HansarickID, emulator.Collaborator)

	for name, c := range map[string]struct {
		filter emulator.ListFilter
		body   string
		want   []int64
	}{
		"ignored user_id":  {emulator.ListFilterIgnored, `{"user_id":"` + emulator.HansarickID + `"}`, all},
		"ignored user_ids": {emulator.ListFilterIgnored, `{"user_ids":["` + emulator.HansarickID + `"]}`, all},
		"user_id":          {emulator.ListFilterUserID, `{"user_id":"` + emulator.HansarickID + `"}`, some},
		"user_id null":     {emulator.ListFilterUserID, `{"user_id":null}`, all},
		"other field":      {emulator.ListFilterUserID, `{"user_ids":["` + emulator.HansarickID + `"]}`, all},
		"user_ids":         {emulator.ListFilterUserIDs, `{"user_ids":["` + emulator.HansarickID + `"]}`, some},
		"user_ids of two":  {emulator.ListFilterUserIDs, `{"user_ids":["` + emulator.HansarickID + `","` + emulator.HummelID + `"]}`, all},
		"user_ids empty":   {emulator.ListFilterUserIDs, `{"user_ids":[]}`, all},
		"user_ids nobody":  {emulator.ListFilterUserIDs, `{"user_ids":["nobody"]}`, []int64{}},
	} {
		f.Configure(func(o *emulator.Options) { o.ListFilter = c.filter })

		if diff := cmp.Diff(c.want, f.ids(c.body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{})
	for _, body := range []string{`{}`, `{"workspace_name":""}`, `{"workspace_name":null}`} {
		wantError(t, f.post("workspaces/create", body), 400, "workspace_name is required")
	}

	id := f.create("Any_Name.At All")
	f.wantMembers(id)

	if got := f.find(id).CreatedBy; got != emulator.HummelEmail {
		t.Errorf("created_by is %q", got)
	}

	f.login(emulator.AdminUsername)

	if got := f.find(f.create("of-admin")).CreatedBy; got != "" {
		t.Errorf("created_by of an account without an e-mail is %q", got)
	}
}

func TestDuplicateNames(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{})
	f.create("twice")
	// Another account does not see the first one, and the name is in use all the same.
	f.login(emulator.HansarickEmail)

	for status, body := range map[int]string{
		400: `{"code":400,"msg":"Uniqueness violation. duplicate key value violates unique constraint \"workspace_name_key\""}`,
		500: `{"code":500,"msg":"Uniqueness violation. duplicate key value violates unique constraint \"workspace_name_key\""}`,
		409: `{"error":"conflict"}`,
	} {
		f.Configure(func(o *emulator.Options) { o.DuplicateNameStatus = status })

		if got := f.post("workspaces/create", `{"workspace_name":"twice"}`); got.Status != status || got.Body != body {
			t.Errorf("got %d %s, want %d %s", got.Status, got.Body, status, body)
		}
	}

	f.Configure(func(o *emulator.Options) { o.DuplicateNames = true })
	f.create("twice")
}

func TestControlOfWorkspaces(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	made := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	id := f.AddWorkspace(emulator.Workspace{
		Name: "put", CreatedAt: made, CreatedBy: "x", Members: map[string]string{emulator.HummelID: "owner"},
	})
	f.AddModel(id, 3)
	f.AddPipeline(id, 4)
	f.ArchiveWorkspace(id, true)
	f.RenameWorkspace(id, "renamed")

	want := workspace{id, "renamed", "2025-01-02T03:04:05+00:00", "x", true, []int64{3}, []int64{4}}
	if diff := cmp.Diff(want, f.find(id)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	f.SetMember(id, emulator.HansarickID, "Collaborator")
	f.RemoveMember(id, emulator.HansarickID)
	f.RemoveMember(id, emulator.HansarickID)

	f.wantMembers(id)

	f.SetCreatedBy(id, "y")

	if w, ok := f.Workspace(id); !ok || w.CreatedBy != "y" {
		t.Errorf("workspace is %+v", w)
	}

	if got := f.WorkspaceID("renamed"); got != id {
		t.Errorf("id by name is %d", got)
	}

	if far := f.AddWorkspace(emulator.Workspace{ID: 100, Name: "far"}); far != 100 || f.create("next") <= 100 {
		t.Error("ids after an explicit one must be higher")
	}

	f.RemoveWorkspace(id)

	if _, ok := f.Workspace(id); ok || f.WorkspaceID("renamed") != 0 || len(f.Members(id)) != 0 {
		t.Error("the workspace is still there")
	}

	copies := f.Workspaces()

	copies[0].Members["intruder"] = emulator.Owner
	if _, ok := f.Members(1)["intruder"]; ok {
		t.Error("a copy reaches into the instance")
	}
}

func TestControlMistakesPanic(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})

	for name, mistake := range map[string]func(){
		"ID in use":         func() { f.AddWorkspace(emulator.Workspace{ID: 1, Name: "x"}) },
		"name in use":       func() { f.AddWorkspace(emulator.Workspace{Name: emulator.HummelEmail + " - Default Workspace"}) },
		"unknown workspace": func() { f.RenameWorkspace(99, "x") },
		"unknown role":      func() { f.SetMember(1, emulator.HansarickID, "viewer") },
		"unknown user":      func() { f.SetUserEnabled("nobody", false) },
		"email in use":      func() { f.AddUser(emulator.User{Email: emulator.HummelEmail}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()

			mistake()
		}()
	}

	if got := len(f.list(`{}`)); got != 1 {
		t.Errorf("a mistake left %d workspaces and the lock must be free", got)
	}
}
