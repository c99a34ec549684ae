package provider_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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

// spec is one resource block.
type spec struct {
	kind string
	// workspace is the address of the workspace, or "" for the one with the ID.
	workspace   string
	workspaceID int64
	block       values
}

// isIn reports whether both are about one workspace.
func (s spec) isIn(other spec) bool {
	return s.workspace == other.workspace && s.workspaceID == other.workspaceID
}

// variants are the APIs that an instance may have.
var variants = map[string]func(t *rapid.T) emulator.API{
	"recent": func(t *rapid.T) emulator.API {
		return emulator.API{
			CreatedBy:    rapid.SampledFrom([]emulator.CreatedBy{emulator.CreatedByEmail, emulator.CreatedByID}).Draw(t, "created_by"),
			NullUserType: rapid.Bool().Draw(t, "null_user_type"),
		}
	},
	// Where a name can be given twice, a second create shows; but then an instance
	// cannot be distinguished from one that hides a workspace of that name.
	"duplicate names": func(*rapid.T) emulator.API { return emulator.API{DuplicateNames: true} },
	"late":            func(*rapid.T) emulator.API { return emulator.API{} },
	"guide":           func(*rapid.T) emulator.API { return emulator.GuideAPI() },
	"no directory": func(t *rapid.T) emulator.API {
		return emulator.API{
			UsersQuery:   rapid.SampledFrom([]string{"401", "403", "404", "500", emulator.UsersQueryEmpty, emulator.UsersQueryHTML}).Draw(t, "users/query"),
			MemberEmails: rapid.Bool().Draw(t, "emails in list_users"),
		}
	},
	"present members refused": func(t *rapid.T) emulator.API {
		return emulator.API{PresentMemberStatus: rapid.SampledFrom([]int{http.StatusBadRequest, http.StatusConflict}).Draw(t, "status")}
	},
	"roles not set": func(t *rapid.T) emulator.API {
		return emulator.API{
			UserType: rapid.SampledFrom([]emulator.UserType{emulator.UserTypeIgnored, emulator.UserTypeRefused}).Draw(t, "user_type"),
		}
	},
	"roles in one letter case": func(t *rapid.T) emulator.API {
		return emulator.API{UserType: rapid.SampledFrom([]emulator.UserType{emulator.UserTypeUpper, emulator.UserTypeLower}).Draw(t, "user_type")}
	},
	"roles kept": func(*rapid.T) emulator.API { return emulator.API{Roles: emulator.RolesSticky} },
	"by email": func(t *rapid.T) emulator.API {
		return emulator.API{AddBy: emulator.ByEmail, RemoveBy: emulator.ByEmail, NoAffectedRows: rapid.Bool().Draw(t, "no affected_rows")}
	},
	"few fields": func(*rapid.T) emulator.API { return emulator.API{NoOptionalFields: true, NoAffectedRows: true} },
}

func newWorld(t *rapid.T) *world {
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(variants))).Draw(t, "variant")

	server, err := emulator.New(emulator.Options{Seed: emulator.SeedGuide, API: variants[name](t)})
	if err != nil {
		t.Fatal(err)
	}

	late := &lateServer{Handler: server, responses: map[string]recordedResponse{}, isLate: name == "late"}
	web := httptest.NewServer(late)
	w := &world{
		instance: &emulatortest.Instance{Server: server, URL: web.URL},
		settle:   late.settle,
		close:    web.Close,
		config:   map[string]spec{},
		state:    map[string]*object{},
		foreign:  map[int64]map[string]bool{},
		users:    []string{emulator.HansarickID, emulator.AdminID},
		hides:    name == "recent",
	}

	w.provider = signedIn(w.instance)
	if name == "guide" {
		w.provider = values{"endpoint": web.URL, "token": emulatortest.Token}
	}

	for i := range 3 {
		address := fmt.Sprintf("user%d@example.com", i)
		w.users = append(w.users, server.AddUser(emulator.User{Username: address, Email: address}))
	}

	return w
}

// start is one walk of a CLI.
func (w *world) start(t *rapid.T) *core {
	w.settle()

	c := newCore(t)
	wantNone(t, c.configure(w.provider))

	return c
}

// lateServer answers the first read after a write with what it answered before it.
type lateServer struct {
	http.Handler

	isLate    bool
	mu        sync.Mutex // guards what follows
	responses map[string]recordedResponse
}

type recordedResponse struct {
	body    []byte
	isStale bool
}

func (s *lateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := strings.TrimPrefix(r.URL.Path, "/v1/api/")
	if !s.isLate || !strings.HasPrefix(operation, "workspaces/") {
		s.Handler.ServeHTTP(w, r)

		return
	}

	request, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(request))

	if !strings.HasPrefix(operation, "workspaces/list") {
		s.Handler.ServeHTTP(w, r)
		s.change(true)

		return
	}

	key := operation + string(request)

	s.mu.Lock()
	before := s.responses[key]
	s.mu.Unlock()

	if before.isStale {
		s.keep(key, recordedResponse{body: before.body})
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(before.body)

		return
	}

	recorder := httptest.NewRecorder()
	s.Handler.ServeHTTP(recorder, r)

	if recorder.Code == http.StatusOK {
		s.keep(key, recordedResponse{body: recorder.Body.Bytes()})
	}

	maps.Copy(w.Header(), recorder.Header())
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

func (s *lateServer) keep(key string, response recordedResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.responses[key] = response
}

func (s *lateServer) settle() { s.change(false) }

func (s *lateServer) change(isStale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for key, response := range s.responses {
		response.isStale = isStale
		s.responses[key] = response
	}
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
		maps.DeleteFunc(w.config, func(_ string, s spec) bool { return s.workspace == address })

		return
	}

	block := values{"name": rapid.SampledFrom(namesOf[address]).Draw(t, "name")}
	if rapid.Bool().Draw(t, "adopt") && block["name"] != neverAdopted {
		block["adopt_existing"] = true
	}

	w.config[address] = spec{kind: workspaceKind, block: block}
}

// drawWorkspace chooses a workspace that is configured, or one that only exists. Single
// members and sets never share one.
func (w *world) drawWorkspace(t *rapid.T, isFree func(spec) bool) (spec, bool) {
	var all []spec

	for _, address := range workspaceAddresses {
		if _, ok := w.config[address]; ok {
			all = append(all, spec{workspace: address})
		}
	}

	for _, id := range []int64{5, 6} {
		all = append(all, spec{workspaceID: id})
	}

	all = slices.DeleteFunc(all, func(workspace spec) bool { return !isFree(workspace) })
	if len(all) == 0 {
		return spec{}, false
	}

	return rapid.SampledFrom(all).Draw(t, "workspace"), true
}

func (w *world) holds(workspace spec, kind string) bool {
	for _, s := range w.config {
		if s.kind == kind && s.isIn(workspace) {
			return true
		}
	}

	return false
}

func (w *world) holdsNoSet(workspace spec) bool { return !w.holds(workspace, exclusiveKind) }

// configures reports whether a block makes the user a member of the workspace.
func (w *world) configures(workspace spec, user string) bool {
	for _, s := range w.config {
		if s.kind == userKind && s.isIn(workspace) && s.block["#user"] == user {
			return true
		}
	}

	return false
}

func (w *world) configureMember(t *rapid.T) {
	address := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "address"))
	delete(w.config, address)

	member, ok := w.drawWorkspace(t, w.holdsNoSet)
	if !ok || rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		return
	}

	user := rapid.SampledFrom(w.users).Draw(t, "user")
	if w.configures(member, user) {
		return
	}

	member.kind, member.block = userKind, values{}
	w.setUser(t, member, user)

	if role := rapid.SampledFrom([]string{"", "OWNER", "COLLABORATOR"}).Draw(t, "role"); role != "" {
		member.block["user_type"] = role
	}

	w.config[address] = member
}

// setUser names the user of a block in one of the ways.
func (w *world) setUser(t *rapid.T, member spec, user string) {
	member.block["#user"] = user
	delete(member.block, "email")
	delete(member.block, "user_id")

	name := w.nameOf(t, user)
	isEmail := strings.Contains(name, "@")

	if isEmail {
		member.block["email"] = name
	}

	if !isEmail || rapid.IntRange(0, 3).Draw(t, "both") == 0 {
		member.block["user_id"] = user
	}
}

// changeMember changes one thing of a member, which happens in place.
func (w *world) changeMember(t *rapid.T) {
	address := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "address"))

	before, ok := w.config[address]
	if !ok {
		return
	}

	after := before
	after.block = maps.Clone(before.block)
	user, _ := before.block["#user"].(string)

	delete(w.config, address)

	switch rapid.SampledFrom([]string{"name", "user", "workspace", "role"}).Draw(t, "change") {
	case "name":
		w.setUser(t, after, user)
	case "user":
		user = rapid.SampledFrom(w.users).Draw(t, "user")
		w.setUser(t, after, user)
	case "workspace":
		if workspace, ok := w.drawWorkspace(t, w.holdsNoSet); ok {
			after.workspace, after.workspaceID = workspace.workspace, workspace.workspaceID
		}
	case "role":
		after.block["user_type"] = map[any]string{"OWNER": "COLLABORATOR"}[before.block["user_type"]]
		if after.block["user_type"] == "" {
			after.block["user_type"] = "OWNER"
		}
	}

	if w.configures(after, user) {
		after = before
	}

	w.config[address] = after
}

func (w *world) configureSet(t *rapid.T) {
	address := fmt.Sprintf("s%d", rapid.IntRange(0, 1).Draw(t, "address"))
	delete(w.config, address)

	set, ok := w.drawWorkspace(t, func(workspace spec) bool { return w.holdsNoSet(workspace) && !w.holds(workspace, userKind) })
	if !ok || rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		return
	}

	candidates := rapid.Permutation(append(slices.Clone(w.users), emulator.HummelID)).Draw(t, "users")
	owners := rapid.IntRange(1, 2).Draw(t, "owners")
	collaborators := rapid.IntRange(0, 3).Draw(t, "collaborators")

	var names []string
	for _, id := range candidates[:owners+collaborators] {
		names = append(names, w.nameOf(t, id))
	}

	set.kind, set.block = exclusiveKind, values{"owners": names[:owners]}
	if collaborators > 0 {
		set.block["collaborators"] = names[owners:]
	}

	w.config[address] = set
}

// nameOf names a user by ID, or by the present email in some letter case.
func (w *world) nameOf(t *rapid.T, id string) string {
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
