package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// faultCall is a column of the table: one call of the API, made by one call of the
// provider for which all else is known already.
type faultCall struct {
	operation string
	kind      string
	config    values
	// exists is true for a call about what is in the state.
	exists bool
	warm   func(x *trial)
	act    func(x *trial) (*object, diagnostics)
	// isDone looks at the instance.
	isDone func(x *trial) bool
}

var faultCalls = map[string]faultCall{
	"list":       {operation: "workspaces/list", kind: workspaceKind, config: demoWorkspace, exists: true, warm: (*trial).authenticate, act: (*trial).read},
	"list_users": {operation: "workspaces/list_users", kind: userKind, config: demoMember, exists: true, warm: (*trial).readUsers, act: (*trial).read},
	"query":      {operation: "users/query", kind: userKind, config: demoMember, exists: true, warm: (*trial).planDestroy, act: (*trial).read},
	"create":     {operation: "workspaces/create", kind: workspaceKind, config: values{"name": "team-a"}, warm: (*trial).plan, act: (*trial).apply, isDone: (*trial).hasWorkspace},
	"add":        {operation: "workspaces/add_user", kind: userKind, config: demoMember, warm: (*trial).plan, act: (*trial).apply, isDone: (*trial).hasMember},
	"remove":     {operation: "workspaces/remove_user", kind: userKind, config: demoMember, exists: true, warm: (*trial).planDestroy, act: (*trial).destroy, isDone: (*trial).hasNoMember},
	"token":      {operation: "token", kind: workspaceKind, config: demoWorkspace, exists: true, warm: func(*trial) {}, act: (*trial).read},
}

var (
	demoWorkspace = values{"name": "clip-demo"}
	demoMember    = values{"workspace_id": 8, "email": emulator.HansarickEmail}
)

// trial is one cell of the table under test.
type trial struct {
	t testing.TB
	faultCall

	instance *emulatortest.Instance
	run      *core
	prior    *object
	planned  *change
}

func (x *trial) authenticate() {
	_, diags := x.run.readData("wallaroo_current_user", values{})
	wantNone(x.t, diags)
}

// readUsers authenticates and reads the directory, which a read asks for beside the
// members.
func (x *trial) readUsers() {
	_, diags := x.run.readData("wallaroo_users", values{})
	wantNone(x.t, diags)
}

func (x *trial) plan() {
	var diags diagnostics

	x.planned, diags = x.run.plan(x.kind, x.config, nil)
	wantNone(x.t, diags)
}

func (x *trial) planDestroy() { wantNone(x.t, x.run.planDestroy(x.prior)) }

func (x *trial) read() (*object, diagnostics) { return x.run.read(bg, x.prior) }

func (x *trial) apply() (*object, diagnostics) { return x.run.apply(bg, x.planned) }

func (x *trial) destroy() (*object, diagnostics) { return x.run.destroy(bg, x.prior) }

func (x *trial) hasWorkspace() bool {
	named := 0

	for _, workspace := range x.instance.Workspaces() {
		if workspace.Name == "team-a" {
			named++
		}
	}

	if named > 1 {
		x.t.Errorf("%d workspaces of one name", named)
	}

	return named > 0
}

func (x *trial) hasMember() bool {
	role, ok := x.instance.Members(8)[emulator.HansarickID]
	if ok && role != emulator.Collaborator {
		x.t.Errorf("the member is %s", role)
	}

	return ok
}

func (x *trial) hasNoMember() bool { return !x.hasMember() }

func TestFaultTable(t *testing.T) {
	t.Parallel()

	var timed []func()

	lines := strings.Split(strings.TrimSpace(faultTable), "\n")
	columns := strings.Fields(lines[0])

	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}

		if len(fields) != len(columns)+1 {
			t.Fatalf("not one cell for each call: %s", line)
		}

		for i, cell := range fields[1:] {
			for times, want := range outcomes(cell) {
				name := fmt.Sprintf("%s/%s/%s", fields[0], columns[i], []string{"for ever", "once"}[times])
				cell := func(t *testing.T) { testFault(t, fields[0], columns[i], times, want) }

				if newFault(t, fields[0], columns[i], "").takesTime {
					timed = append(timed, func() { t.Run(name, cell) })

					continue
				}

				t.Run(name, func(t *testing.T) {
					t.Parallel()
					cell(t)
				})
			}
		}
	}

	// Waiting takes no processor: these do not take turns as other tests do.
	var all sync.WaitGroup

	slots := make(chan struct{}, 12)

	for _, run := range timed {
		all.Go(func() {
			slots <- struct{}{}

			run()
			<-slots
		})
	}

	all.Wait()
}

func testFault(t *testing.T, row, column string, times int, want string) {
	t.Helper()

	var stray atomic.Int32

	elsewhere := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stray.Add(1) }))
	f := newFault(t, row, column, elsewhere)
	x := &trial{
		t: t, faultCall: faultCalls[column],
		// Where a name can be given twice, a second create shows.
		instance: emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNames: true}}),
	}
	gate := newListener(t, x.instance)
	x.instance.URL = gate.url
	x.setUp()

	block := with(passwordBlock(x.instance), values{"max_retries": 2})

	if f.takesTime {
		block["request_timeout"] = 1
	}

	var waits atomic.Int32

	x.run = newCore(t, provider.WithSleep(func(ctx context.Context, d time.Duration) error {
		// Only the waits before another attempt are random.
		if d%time.Millisecond != 0 {
			waits.Add(1)

			if f.refuses && times == 1 {
				gate.open()
			}
		}

		return ctx.Err()
	}))
	wantNone(t, x.run.configure(block))
	x.warm(x)
	x.instance.ResetRequests()

	endFault := gate.open

	if f.refuses {
		gate.shut()
	} else {
		f.Operation, f.Times = x.operation, times
		endFault = x.instance.Inject(f.Fault)
	}

	object, diags := x.act(x)
	sent := x.instance.Count(x.operation)

	if f.refuses {
		sent = int(waits.Load()) + 1 // nobody was there to count
	}

	if got := fmt.Sprintf("%c%d", want[0], sent); got != want && want[1:] != "*" {
		t.Errorf("the call was sent %d times, want %s", sent, want[1:])
	}

	if n := stray.Load(); n != 0 {
		t.Errorf("%d requests went to another host", n)
	}

	wantNowhere(t, diags, canary)
	x.check(want[0], f, object, diags)
	endFault()
	x.recover(object)
}

// setUp brings about what the call is about, in a run of its own.
func (x *trial) setUp() {
	switch {
	case !x.exists:
	case x.kind == workspaceKind:
		x.prior = imported(x.t, x.instance, "8")
	default:
		x.prior = start(x.t, x.instance).create(x.kind, x.config)
	}
}

func (x *trial) check(code byte, f fault, o *object, diags diagnostics) {
	x.t.Helper()

	done := true

	switch code {
	case '=', '-':
		wantNone(x.t, diags)
	case '~':
		wantWarning(x.t, diags, "Workspace was created although the response was lost", append(f.words, "ID 10")...)
	case '?':
		wantWarning(x.t, diags, "Email was not refreshed", f.words...)
		x.wantNextStep(diags)
	case '!':
		done = false

		if len(diags) != 1 {
			x.t.Fatalf("want one error and nothing else, got: %s", diags)
		}

		wantError(x.t, diags, diags[0].Summary, f.words...)
		x.wantNextStep(diags)
	}

	if x.isDone == nil {
		x.wantKept(o)

		return
	}

	if x.isDone(x) != done {
		x.t.Errorf("on the instance, done is %v", !done)
	}

	switch {
	case x.exists && !done:
		x.wantKept(o)
	case (o != nil) != (done && !x.exists):
		x.t.Errorf("in the state: %v", o)
	case o != nil && o.tainted:
		x.t.Errorf("tainted: %s", o.value)
	}
}

func (x *trial) wantNextStep(diags diagnostics) {
	x.t.Helper()

	if detail := diags[0].Detail; !saysWhatNext(detail) && !strings.Contains(detail, "set `endpoint`") {
		x.t.Errorf("no next step: %s", diags)
	}
}

func (x *trial) wantKept(o *object) {
	x.t.Helper()

	if o == nil || !o.value.Equal(x.prior.value) || o.tainted {
		x.t.Errorf("the state was not kept: %+v, want %s", o, x.prior.value)
	}
}

// recover applies again, without the fault: that must end in what was wanted.
func (x *trial) recover(o *object) {
	x.t.Helper()

	run := start(x.t, x.instance)

	switch {
	case x.operation == "workspaces/remove_user" && o != nil:
		left, diags := run.destroy(bg, o)
		wantNone(x.t, diags)

		if left != nil {
			x.t.Errorf("still in the state: %s", left.value)
		}
	case x.operation == "workspaces/remove_user":
	case o == nil:
		start(x.t, x.instance).wantEmptyPlan(x.config, run.create(x.kind, x.config))
	default:
		run.wantEmptyPlan(x.config, o)
	}

	if x.isDone != nil && !x.isDone(x) {
		x.t.Error("the next apply did not do it")
	}
}
