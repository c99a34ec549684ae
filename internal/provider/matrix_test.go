package provider_test

import (
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// lifecycle is one construct on one instance. Each of its operations is a cell.
type lifecycle struct {
	*project
	variant
	construct string
	cells     *atomic.Int64
}

// cell counts an operation, and wants it to fail exactly where it must.
func (l *lifecycle) cell(operation string, diags diagnostics) {
	l.t.Helper()
	l.cells.Add(1)

	if must := l.fails(l.construct, operation); diags.failed() != must {
		l.t.Errorf("%s: must fail: %v%s", operation, must, diags)
	}
}

// step is one operation: it applies blocks, and wants these members of workspace 8 and
// no others of workspace 10 then.
func (l *lifecycle) step(operation string, want, other map[string]string, blocks ...block) {
	l.t.Helper()

	before := [2]map[string]string{l.instance.Members(8), l.instance.Members(10)}
	out := l.apply(blocks...)
	l.cell(operation, out.all())

	if out.all().failed() {
		l.failed(operation, out.all().errors(), before)

		return
	}

	wantNotSaid(l.t, out.all(), "WALLAROO_URL") // a directory that is missing is no wrong address
	l.wantEmpty(blocks...)
	l.wantTrue()
	l.wantMembers(8, want)
	l.wantMembers(10, other)

	if l.t.Failed() {
		l.t.Fatalf("after %s", operation)
	}
}

// failed wants one clear error, and that nobody has lost access.
func (l *lifecycle) failed(operation string, errors diagnostics, before [2]map[string]string) {
	l.t.Helper()

	if len(errors) != 1 || !strings.Contains(errors[0].Detail, ". ") && !strings.Contains(errors[0].Detail, "\n\n") || strings.Contains(errors[0].Detail, "report") && strings.Contains(errors[0].Detail, "/issues") {
		l.t.Errorf("%s: not one clear error: %s", operation, errors)
	}

	for i, id := range []int64{8, 10} {
		after := l.instance.Members(id)
		for user, role := range before[i] {
			if after[user] == "" || role == own && after[user] == col && user == l.ids.ann {
				l.t.Errorf("%s: %s has lost access: %v, then %v: %s", operation, user, before[i], after, errors)
			}
		}

		if operation == "create" && !maps.Equal(after, before[i]) && l.construct[:3] != "set" {
			l.t.Errorf("%s has left %v behind: %s", operation, after, errors)
		}
	}

	l.wantTrue()
}

// wantTrue compares what is in state with the instance.
func (l *lifecycle) wantTrue() {
	l.t.Helper()

	run := &core{t: l.t}
	emails := map[string]string{annMail: l.ids.ann, benMail: l.ids.ben, catMail: l.ids.cat, danMail: l.ids.dan}

	for at, found := range l.state {
		if found.kind == workspaceKind {
			if w, ok := l.instance.Workspace(run.number(found, "id")); !ok || w.Name != run.text(found, "name") {
				l.t.Errorf("%s: no such workspace: %s", at, found.value)
			}

			continue
		}

		members := l.instance.Members(run.number(found, "workspace_id"))

		if found.kind == userKind {
			id, email := run.text(found, "user_id"), run.text(found, "email")
			if members[id] != run.text(found, "user_type") || email != "" && emails[email] != id {
				l.t.Errorf("%s: state %s, members %v", at, found.value, members)
			}

			continue
		}

		listed := map[string]string{l.ids.ann: own}
		for name, role := range map[string]string{"owners": own, "collaborators": col} {
			for _, text := range textsOf(l.t, run.fields(found.value)[name]) {
				if id, ok := emails[text]; ok {
					text = id
				}

				listed[text] = role
			}
		}

		if !maps.Equal(members, listed) {
			l.t.Errorf("%s: state %s, members %v", at, found.value, members)
		}
	}
}

// arrange does on an instance without flaws what the variant could not do.
func (l *lifecycle) arrange(blocks ...block) {
	l.t.Helper()

	l.swap(emulator.API{})
	l.mustApply(blocks...)
	l.swap(l.api)
}

func (l *lifecycle) swap(api emulator.API) {
	l.t.Helper()

	l.instance.Configure(func(o *emulator.Options) { o.API = api })
}

// workspace takes a workspace from create to destroy.
func (l *lifecycle) workspace() {
	alone := map[string]string{l.ids.ann: own}
	team := workspaceBlock("team", values{"name": "team-c"})

	l.step("create", alone, alone, team)

	id := l.instance.WorkspaceID("team-c")
	l.wantMembers(id, alone)

	team.config["deletion_policy"] = "ABANDON"
	l.step("update", alone, alone, team)

	team.config["name"] = "team-d"
	l.step("rename", alone, alone, team)
	l.put("team", nil)
	l.mustImport("team", workspaceKind, "team-d")
	l.cell("import", nil)
	l.wantEmpty(workspaceBlock("team", values{"name": "team-d"}))
	l.step("adopt", alone, alone, workspaceBlock("team", values{"name": "team-d"}), workspaceBlock("old", values{"name": "team-c", "adopt_existing": true}))
	l.wantState("old", values{"id": int(id)})
	l.instance.RemoveWorkspace(id)
	l.step("deleted behind", alone, alone, workspaceBlock("team", values{"name": "team-d"}), workspaceBlock("old", values{"name": "team-c"}))
	l.instance.AddWorkspace(emulator.Workspace{Name: "hidden", Members: map[string]string{l.ids.dan: own}})
	l.step("hidden name", alone, alone, workspaceBlock("team", values{"name": "team-d"}), workspaceBlock("old", values{"name": "team-c"}), workspaceBlock("hidden", values{"name": "hidden"}))
	l.step("destroy", alone, alone)
}

// member takes a member, named by what user returns, from create to destroy.
func (l *lifecycle) member(user func(email, id string) values) {
	alone := map[string]string{l.ids.ann: own}
	withMember := func(id, role string) map[string]string { return map[string]string{l.ids.ann: own, id: role} }
	named := func(workspace int, email, id string, more values) block {
		return memberBlock("one", with(with(user(email, id), values{"workspace_id": workspace}), more))
	}
	ben := named(8, benMail, l.ids.ben, nil)

	if l.step("create", withMember(l.ids.ben, col), alone, ben); l.state["one"] == nil {
		l.arrange(ben)
	}

	l.step("owner", withMember(l.ids.ben, own), alone, named(8, benMail, l.ids.ben, values{"user_type": own}))
	l.step("collaborator", withMember(l.ids.ben, col), alone, ben)
	l.instance.RemoveMember(8, l.ids.ben)
	l.step("removed by hand", withMember(l.ids.ben, col), alone, ben)

	if l.state["one"] == nil {
		l.arrange(ben)
	}

	l.put("one", nil)
	l.mustImport("one", userKind, "8/"+l.ids.ben)
	l.cell("import", nil)
	l.step("imported", withMember(l.ids.ben, col), alone, ben)
	l.step("other user", withMember(l.ids.cat, col), alone, named(8, catMail, l.ids.cat, nil))
	l.reset(ben)
	l.step("other workspace", alone, withMember(l.ids.ben, col), named(10, benMail, l.ids.ben, nil))
	l.reset(ben)
	l.put("one", nil)
	l.instance.SetMember(8, l.ids.ben, col)
	l.step("present", withMember(l.ids.ben, col), alone, ben)

	if l.state["one"] == nil {
		l.arrange(ben)
	}

	l.step("destroy", alone, alone)
}

// reset has the construct on workspace 8 as before an operation that may have failed.
func (l *lifecycle) reset(blocks ...block) {
	l.arrange(blocks...)
	l.instance.RemoveMember(8, l.ids.cat)
	l.instance.RemoveMember(10, l.ids.ben)
	l.wantTrue()
}

// set takes an exclusive set from create to destroy, whose entries are what user returns. The provider's own
// account is listed by ID, as an opaque token needs it.
func (l *lifecycle) set(user func(email, id string) string) {
	ben, cat := user(benMail, l.ids.ben), user(catMail, l.ids.cat)
	alone := map[string]string{l.ids.ann: own}
	members := func(more ...string) map[string]string {
		all := map[string]string{l.ids.ann: own}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}

		return all
	}
	team := func(workspace int, owners, collaborators []string) block {
		return setBlock(values{"workspace_id": workspace, "owners": append([]string{l.ids.ann}, owners...), "collaborators": collaborators})
	}
	plain := team(8, nil, []string{ben})

	if l.step("create", members(l.ids.ben, col), alone, plain); l.state["set"] == nil {
		l.arrange(plain)
	}

	l.step("owner", members(l.ids.ben, own), alone, team(8, []string{ben}, []string{}))
	l.arrange(plain)
	l.step("add", members(l.ids.ben, col, l.ids.cat, col), alone, team(8, nil, []string{ben, cat}))
	l.arrange(team(8, nil, []string{ben, cat}))
	l.step("remove", members(l.ids.ben, col), alone, plain)
	l.arrange(plain)
	l.step("other user", members(l.ids.cat, col), alone, team(8, nil, []string{cat}))
	l.arrange(plain)
	l.instance.RemoveMember(8, l.ids.ben)
	l.step("removed by hand", members(l.ids.ben, col), alone, plain)
	l.arrange(plain)
	l.instance.SetMember(8, l.ids.dan, col)
	l.step("added by hand", members(l.ids.ben, col), alone, plain)
	l.arrange(plain)
	l.put("set", nil)
	l.mustImport("set", exclusiveKind, "8")
	l.cell("import", nil)
	l.step("imported", members(l.ids.ben, col), alone, plain)
	l.arrange(plain)
	l.put("set", nil)
	l.step("present", members(l.ids.ben, col), alone, plain)
	l.arrange(plain)
	l.step("other workspace", members(l.ids.ben, col), members(l.ids.ben, col), team(10, nil, []string{ben}))
	l.step("destroy", members(l.ids.ben, col), l.instance.Members(10))
}

// dataSources reads each of them.
func (l *lifecycle) dataSources() {
	l.instance.SetMember(8, l.ids.ben, col)

	for operation, one := range map[string]struct {
		kind   string
		config values
	}{
		"workspaces":         {"wallaroo_workspaces", nil},
		"workspaces of ben":  {"wallaroo_workspaces", values{"user_ids": []string{l.ids.ben}}},
		"workspace by ID":    {"wallaroo_workspace", values{"id": 8}},
		"workspace by name":  {"wallaroo_workspace", values{"name": "team-a"}},
		"workspace_users":    {"wallaroo_workspace_users", values{"workspace_id": 8}},
		"users":              {"wallaroo_users", nil},
		"users by email":     {"wallaroo_users", values{"emails": []string{benMail}}},
		"user by email":      {"wallaroo_user", values{"email": benMail}},
		"user by ID":         {"wallaroo_user", values{"id": l.ids.ben}},
		"current user":       {"wallaroo_current_user", nil},
		"own user by email":  {"wallaroo_user", values{"email": strings.ToUpper(annMail)}},
		"workspaces of none": {"wallaroo_workspaces", values{"user_ids": []string{l.ids.cat}}},
	} {
		value, diags := l.start().readData(one.kind, one.config)
		if l.cell(operation, diags); diags.failed() {
			l.failed(operation, diags.errors(), [2]map[string]string{})

			continue
		}

		text := value.String()
		isFound := strings.Contains(text, `"team-a"`) || strings.Contains(text, l.ids.ben) || strings.Contains(text, l.ids.ann)

		if operation == "workspaces of none" {
			isFound = !strings.Contains(text, `"team-a"`)
		}

		if !isFound {
			l.t.Errorf("%s: %s", operation, text)
		}
	}
}

// constructs are the lifecycles on each instance.
func constructs() map[string]func(*lifecycle) {
	return map[string]func(*lifecycle){
		"workspace":       (*lifecycle).workspace,
		"member by email": func(l *lifecycle) { l.member(func(email, _ string) values { return values{"email": email} }) },
		"member by ID":    func(l *lifecycle) { l.member(func(_, id string) values { return values{"user_id": id} }) },
		"member by both": func(l *lifecycle) {
			l.member(func(email, id string) values { return values{"email": email, "user_id": id} })
		},
		"set by email": func(l *lifecycle) { l.set(func(email, _ string) string { return email }) },
		"set by ID":    func(l *lifecycle) { l.set(func(_, id string) string { return id }) },
		"data sources": (*lifecycle).dataSources,
	}
}

// The matrix of construct, instance and operation: in each cell it works and the second
// plan is empty, or it is one clear error, nobody lost access and the state is true.
func TestMatrix(t *testing.T) {
	t.Parallel()

	var cells atomic.Int64

	t.Cleanup(func() { t.Logf("%d cells", cells.Load()) })

	for _, v := range apiVariants() {
		for construct, run := range constructs() {
			if !strings.Contains(v.constructs, construct) {
				continue
			}

			t.Run(construct+" on "+v.name, func(t *testing.T) {
				t.Parallel()

				l := &lifecycle{project: seededProject(t, v.api, v.ids.seed()), variant: v, construct: construct, cells: &cells}
				if v.opaque {
					l.useToken()
				}

				run(l)
			})
		}
	}
}
