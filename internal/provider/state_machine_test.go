package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// The state machine drives the provider through random configurations, changes by
// others, faults and cancellations, and holds it to what it promises after each step:
// no workspace is created twice, nothing that exists leaves the state without a warning,
// nobody else's member is removed, every workspace keeps an owner, each error says what
// to do next, and an apply without errors is followed by an empty plan.
//
// `make soak` runs it for longer. Print a failure's seed and replay it with
// -rapid.seed, or -rapid.failfile for the recorded case.
func TestStateMachine(t *testing.T) {
	t.Parallel()

	var steps atomic.Int64

	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		defer w.close()

		t.Repeat(map[string]func(*rapid.T){
			"configure workspace": w.configureWorkspace,
			"configure member":    w.configureMember,
			"change member":       w.changeMember,
			"configure set":       w.configureSet,
			"rename address":      w.renameAddress,
			"import":              w.importMember,
			"change outside":      w.changeOutside,
			"apply":               w.applyCleanly,
			"apply with faults":   w.applyWithFaults,
			"":                    func(*rapid.T) { steps.Add(1) },
		})
	})

	t.Logf("%d steps", steps.Load())
}

// world is an instance, a configuration and a state.
type world struct {
	instance *emulatortest.Instance
	// provider is the provider block.
	provider values
	// settle makes an instance that is late show what it has done.
	settle func()
	close  func()
	config map[string]spec
	state  map[string]*object
	users  []string // IDs
	// foreign are the members that others added, by workspace.
	foreign  map[int64]map[string]bool
	isFaulty bool // the present step injects faults
	hides    bool // workspaces can become inaccessible
	deleted  int  // accounts that others deleted
}

func (w *world) changeOutside(t *rapid.T) {
	all := w.instance.Workspaces()
	workspace := rapid.SampledFrom(all).Draw(t, "workspace")
	user := rapid.SampledFrom(w.users).Draw(t, "user")

	switch rapid.IntRange(0, 7).Draw(t, "change") {
	case 0, 1:
		w.instance.SetMember(workspace.ID, user, rapid.SampledFrom([]string{emulator.Owner, emulator.Collaborator}).Draw(t, "role"))

		if w.foreign[workspace.ID] == nil {
			w.foreign[workspace.ID] = map[string]bool{}
		}

		w.foreign[workspace.ID][user] = true
	case 2:
		w.instance.RemoveMember(workspace.ID, user)
		delete(w.foreign[workspace.ID], user)
	case 3:
		w.instance.SetUserEmail(user, fmt.Sprintf("%s-%d@example.com", user[:8], rapid.IntRange(0, 1_000_000).Draw(t, "email")))
	case 4:
		w.instance.HideWorkspace(workspace.ID, w.hides && !workspace.Hidden && workspace.ID != 1)
	case 5:
		w.instance.AddModel(workspace.ID, 99)
	case 6:
		if workspace.ID > 9 {
			w.instance.RemoveWorkspace(workspace.ID)
			delete(w.foreign, workspace.ID)
		}
	case 7:
		w.replaceUser(user)
	}

	w.keepOwners()
}

// replaceUser deletes an account, which stays listed as a member, and adds another.
func (w *world) replaceUser(user string) {
	w.instance.DeleteUser(user)

	w.deleted++
	address := fmt.Sprintf("newcomer%d@example.com", w.deleted)
	w.users[slices.Index(w.users, user)] = w.instance.AddUser(emulator.User{Username: address, Email: address})
}

// importMember imports a present member, with the block that fits.
func (w *world) importMember(t *rapid.T) {
	address := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "address"))
	member := spec{kind: userKind, workspaceID: rapid.SampledFrom([]int64{5, 6}).Draw(t, "workspace")}
	user := rapid.SampledFrom(slices.Sorted(maps.Keys(w.instance.Members(member.workspaceID)))).Draw(t, "user")

	_, configured := w.config[address]
	if configured || w.state[address] != nil || !w.holdsNoSet(member) || w.manages(t, member, user) {
		return
	}

	c := w.start(t)

	found, diags := c.importID(userKind, fmt.Sprintf("%d/%s", member.workspaceID, user))
	w.check(t, nil, diags)

	if found != nil {
		member.block = values{"#user": user, "user_id": user, "user_type": c.text(found, "user_type")}
		w.config[address], w.state[address] = member, found
	}
}

// manages reports whether a block or the state has the member already.
func (w *world) manages(t *rapid.T, member spec, user string) bool {
	c := reader(t)

	if w.configures(member, user) {
		return true
	}

	for _, o := range w.state {
		if o.kind == userKind && c.number(o, "workspace_id") == member.workspaceID && c.text(o, "user_id") == user {
			return true
		}
	}

	return false
}

// keepOwners gives each workspace an owner: others would not leave it without one.
func (w *world) keepOwners() {
	for _, workspace := range w.instance.Workspaces() {
		if !slices.Contains(slices.Collect(maps.Values(workspace.Members)), emulator.Owner) {
			w.instance.SetMember(workspace.ID, emulator.HummelID, emulator.Owner)
		}
	}
}

func (w *world) applyCleanly(t *rapid.T) {
	before, twins := w.unmanaged(t), w.hasTwins(t)
	diags, ok := w.run(t, context.Background())
	w.check(t, before, diags)

	if ok && !diags.failed() && !twins {
		w.wantEmpty(t)
	}
}

func (w *world) applyWithFaults(t *rapid.T) {
	before := w.unmanaged(t)

	w.isFaulty = true
	defer func() { w.isFaulty = false }()

	for range rapid.IntRange(1, 3).Draw(t, "faults") {
		remove := w.instance.Inject(drawFault(t))
		defer remove()
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	if rapid.IntRange(0, 3).Draw(t, "cancel") == 0 {
		var left atomic.Int64

		left.Store(int64(rapid.IntRange(1, 30).Draw(t, "after requests")))
		w.instance.SetOnRequest(func(emulator.Request) {
			if left.Add(-1) == 0 {
				cancel()
			}
		})

		defer w.instance.SetOnRequest(nil)
	}

	diags, _ := w.run(t, ctx)
	w.check(t, before, diags)
}

func drawFault(t *rapid.T) emulator.Fault {
	fault := rapid.SampledFrom([]emulator.Fault{
		{Cut: true},
		{Status: http.StatusUnauthorized, Body: `{"msg":"token","code":401}`},
		{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}},
		{Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`},
		{Status: http.StatusBadGateway, Body: "<html>bad gateway</html>"},
		{Status: http.StatusServiceUnavailable},
		{Status: http.StatusGatewayTimeout},
		{Status: http.StatusOK, Body: "<html>login</html>", Header: http.Header{"Content-Type": {"text/html"}}},
		{Status: http.StatusOK, Body: "null"},
		{Status: http.StatusOK, Body: "{}"},
		{Truncate: true},
		{SlowBody: time.Millisecond},
	}).Draw(t, "fault")
	fault.Operation = rapid.SampledFrom([]string{
		"workspaces/list", "workspaces/create", "workspaces/list_users", "workspaces/add_user", "workspaces/remove_user", "users/query", "token",
	}).Draw(t, "operation")
	// An instance that answers 401 or 429 has not done the work.
	refuses := fault.Status == http.StatusUnauthorized || fault.Status == http.StatusTooManyRequests
	fault.AfterWork = !refuses && rapid.Bool().Draw(t, "after the work")
	fault.Skip = rapid.IntRange(0, 3).Draw(t, "skip")
	fault.Times = rapid.SampledFrom([]int{1, 1, 2, 10}).Draw(t, "times")

	return fault
}
