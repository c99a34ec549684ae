package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// The state machine drives the provider through random configurations, changes by
// others, faults and cancellations, and holds it to what it promises after each step:
// no workspace is made twice, nothing that exists is forgotten without a word, nobody
// else's member is removed, every workspace keeps an owner, each error says what to do
// next, and an apply without faults is followed by an empty plan.
//
// `make soak` runs it for longer. Print a failure's seed and replay it with
// -rapid.seed, or -rapid.failfile for the recorded case.
func TestMachine(t *testing.T) {
	t.Parallel()

	var steps atomic.Int64

	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		defer w.close()

		t.Repeat(map[string]func(*rapid.T){
			"configure workspace": w.configureWorkspace,
			"configure member":    w.configureMember,
			"configure set":       w.configureSet,
			"rename address":      w.renameAddress,
			"import":              w.importMember,
			"change from outside": w.changeFromOutside,
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
	close    func()
	config   map[string]spec
	state    map[string]*object
	users    []string // ids
	// foreign are the members that others made, by workspace.
	foreign map[int64]map[string]bool
	hides   bool // workspaces can get out of sight
	deleted int  // accounts that others took away
}

// spec is one resource block.
type spec struct {
	kind string
	// place is the address of the workspace, or "" for the one with the id.
	place string
	id    int64
	block values
}

func newWorld(t *rapid.T) *world {
	// Where a name can be given twice, a second create shows; but then an instance
	// cannot be told from one that hides a workspace of that name.
	duplicates := rapid.Bool().Draw(t, "duplicate names")

	server, err := emulator.New(emulator.Options{
		Seed: emulator.SeedGuide,
		API: emulator.API{
			DuplicateNames: duplicates,
			CreatedBy:      rapid.SampledFrom([]emulator.CreatedBy{emulator.CreatedByEmail, emulator.CreatedByID}).Draw(t, "created_by"),
			NullUserType:   rapid.Bool().Draw(t, "null_user_type"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}

	web := httptest.NewServer(server)
	w := &world{
		instance: &emulatortest.Instance{Server: server, URL: web.URL},
		close:    web.Close,
		config:   map[string]spec{},
		state:    map[string]*object{},
		foreign:  map[int64]map[string]bool{},
		users:    []string{emulator.HansarickID, emulator.AdminID},
	}

	for i := range 3 {
		address := fmt.Sprintf("user%d@example.com", i)
		w.users = append(w.users, server.AddUser(emulator.User{Username: address, Email: address}))
	}

	return w
}

var workspaceAddresses = []string{"w0", "w1", "w2"}

// namesOf are the names that an address may have. No two addresses share one: two
// resources on one workspace is a mistake that the provider cannot always see.
var namesOf = map[string][]string{"w0": {"alpha", "clip-demo"}, "w1": {"beta", "delta", "onnx-tutorial"}, "w2": {"gamma", "Epsilon"}}

const neverAdopted = "onnx-tutorial"

func (w *world) configureWorkspace(t *rapid.T) {
	address := rapid.SampledFrom(workspaceAddresses).Draw(t, "address")
	if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		delete(w.config, address)
		maps.DeleteFunc(w.config, func(_ string, s spec) bool { return s.place == address })

		return
	}

	block := values{"name": rapid.SampledFrom(namesOf[address]).Draw(t, "name")}
	if rapid.Bool().Draw(t, "adopt") && block["name"] != neverAdopted {
		block["adopt_existing"] = true
	}

	w.config[address] = spec{kind: workspaceKind, block: block}
}

// drawPlace chooses a workspace that is configured, or one that only exists. Single
// members and sets never share one.
func (w *world) drawPlace(t *rapid.T, free func(spec) bool) (spec, bool) {
	var places []spec

	for _, address := range workspaceAddresses {
		if _, ok := w.config[address]; ok {
			places = append(places, spec{place: address})
		}
	}

	for _, id := range []int64{5, 6} {
		places = append(places, spec{id: id})
	}

	places = slices.DeleteFunc(places, func(place spec) bool { return !free(place) })
	if len(places) == 0 {
		return spec{}, false
	}

	return rapid.SampledFrom(places).Draw(t, "place"), true
}

func (w *world) holds(place spec, kind string) bool {
	for _, s := range w.config {
		if s.kind == kind && s.place == place.place && s.id == place.id {
			return true
		}
	}

	return false
}

func (w *world) configureMember(t *rapid.T) {
	address := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "address"))
	delete(w.config, address)

	place, ok := w.drawPlace(t, func(place spec) bool { return !w.holds(place, exclusiveKind) })
	if !ok || rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		return
	}

	user := rapid.SampledFrom(w.users).Draw(t, "user")
	for _, s := range w.config {
		if s.kind == userKind && s.place == place.place && s.id == place.id && s.block["#user"] == user {
			return
		}
	}

	place.kind, place.block = userKind, values{"#user": user}
	if role := rapid.SampledFrom([]string{"", "OWNER", "COLLABORATOR"}).Draw(t, "role"); role != "" {
		place.block["user_type"] = role
	}

	name := w.spell(t, user)
	if strings.Contains(name, "@") {
		place.block["email"] = name
	} else {
		place.block["user_id"] = name
	}

	w.config[address] = place
}

func (w *world) configureSet(t *rapid.T) {
	address := fmt.Sprintf("s%d", rapid.IntRange(0, 1).Draw(t, "address"))
	delete(w.config, address)

	place, ok := w.drawPlace(t, func(place spec) bool { return !w.holds(place, exclusiveKind) && !w.holds(place, userKind) })
	if !ok || rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		return
	}

	candidates := rapid.Permutation(append(slices.Clone(w.users), emulator.HummelID)).Draw(t, "users")
	owners := rapid.IntRange(1, 2).Draw(t, "owners")
	collaborators := rapid.IntRange(0, 3).Draw(t, "collaborators")

	var names []string
	for _, id := range candidates[:owners+collaborators] {
		names = append(names, w.spell(t, id))
	}

	place.kind, place.block = exclusiveKind, values{"owners": names[:owners]}
	if collaborators > 0 {
		place.block["collaborators"] = names[owners:]
	}

	w.config[address] = place
}

// spell names a user by id, or by the email that he has now in some letter case.
func (w *world) spell(t *rapid.T, id string) string {
	for _, user := range w.instance.Users() {
		if user.ID != id || user.Email == "" {
			continue
		}

		switch rapid.IntRange(0, 2).Draw(t, "spelling") {
		case 0:
			return user.Email
		case 1:
			return strings.ToUpper(user.Email[:1]) + user.Email[1:]
		}
	}

	return id
}

// renameAddress is a changed for_each key: the same block under another address.
func (w *world) renameAddress(t *rapid.T) {
	from, to := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "from")), fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "to"))
	if block, ok := w.config[from]; ok {
		delete(w.config, from)
		w.config[to] = block
	}
}

func (w *world) changeFromOutside(t *rapid.T) {
	all := w.instance.Workspaces()
	place := rapid.SampledFrom(all).Draw(t, "workspace")
	user := rapid.SampledFrom(w.users).Draw(t, "user")

	switch rapid.IntRange(0, 7).Draw(t, "change") {
	case 0, 1:
		w.instance.SetMember(place.ID, user, rapid.SampledFrom([]string{emulator.Owner, emulator.Collaborator}).Draw(t, "role"))

		if w.foreign[place.ID] == nil {
			w.foreign[place.ID] = map[string]bool{}
		}

		w.foreign[place.ID][user] = true
	case 2:
		w.instance.RemoveMember(place.ID, user)
		delete(w.foreign[place.ID], user)
	case 3:
		w.instance.SetUserEmail(user, fmt.Sprintf("%s-%d@example.com", user[:8], rapid.IntRange(0, 1_000_000).Draw(t, "email")))
	case 4:
		w.instance.HideWorkspace(place.ID, w.hides && !place.Hidden && place.ID != 1)
	case 5:
		w.instance.AddModel(place.ID, 99)
	case 6:
		if place.ID > 9 {
			w.instance.RemoveWorkspace(place.ID)
			delete(w.foreign, place.ID)
		}
	case 7:
		w.replaceUser(user)
	}

	w.keepOwners()
}

// replaceUser takes an account away, which stays listed as a member, and makes another.
func (w *world) replaceUser(user string) {
	w.instance.DeleteUser(user)

	w.deleted++
	address := fmt.Sprintf("newcomer%d@example.com", w.deleted)
	w.users[slices.Index(w.users, user)] = w.instance.AddUser(emulator.User{Username: address, Email: address})
}

// importMember puts a present member into the state, with the block that fits.
func (w *world) importMember(t *rapid.T) {
	address := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "address"))
	place := spec{kind: userKind, id: rapid.SampledFrom([]int64{5, 6}).Draw(t, "workspace")}
	user := rapid.SampledFrom(slices.Sorted(maps.Keys(w.instance.Members(place.id)))).Draw(t, "user")

	_, configured := w.config[address]
	if configured || w.state[address] != nil || w.holds(place, exclusiveKind) || w.manages(t, place.id, user) {
		return
	}

	c := start(t, w.instance)

	found, diags := c.importID(userKind, fmt.Sprintf("%d/%s", place.id, user))
	w.check(t, nil, diags)

	if found != nil {
		place.block = values{"#user": user, "user_id": user, "user_type": c.text(found, "user_type")}
		w.config[address], w.state[address] = place, found
	}
}

// manages is true when a block or the state has the member already.
func (w *world) manages(t *rapid.T, id int64, user string) bool {
	c := reader(t)

	for _, s := range w.config {
		if s.kind == userKind && s.id == id && s.block["#user"] == user {
			return true
		}
	}

	for _, o := range w.state {
		if o.kind == userKind && c.number(o, "workspace_id") == id && c.text(o, "user_id") == user {
			return true
		}
	}

	return false
}

// keepOwners makes good what others would not do: leave a workspace without an owner.
func (w *world) keepOwners() {
	for _, place := range w.instance.Workspaces() {
		if !slices.Contains(slices.Collect(maps.Values(place.Members)), emulator.Owner) {
			w.instance.SetMember(place.ID, emulator.HummelID, emulator.Owner)
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
