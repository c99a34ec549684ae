package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	owner        = wallaroo.RoleOwner
	collaborator = wallaroo.RoleCollaborator
)

// op is one call of the API.
type op string

const (
	listWorkspaces  op = "ListWorkspaces"
	createWorkspace op = "CreateWorkspace"
	listMembers     op = "ListMembers"
	addMember       op = "AddMember"
	removeMember    op = "RemoveMember"
	queryUsers      op = "Users"
	askCaller       op = "Caller"
)

// hook steps into a call; n counts the calls of its op from 1. Its error is the
// call's.
type hook func(ctx context.Context, n int) error

// fake is an instance in memory. Set its variants before it is used; hooks can be
// set at any time.
type fake struct {
	caller wallaroo.Caller
	// createdBy is what the instance writes as the creator of new workspaces.
	createdBy string
	// late is how many lists do not show a new workspace yet.
	late int
	// lateMembers is how many lists do not show a new member yet.
	lateMembers int
	// sameNames allows names that are taken.
	sameNames bool
	// keepsRoles leaves the role of who is a member already.
	keepsRoles bool
	// ignoresRoles makes everybody who is new a collaborator.
	ignoresRoles bool
	// ignoresFilter lists all workspaces whatever users are asked for.
	ignoresFilter bool
	// stranger is the answer to who lists the members of an invisible workspace;
	// nil is an empty list.
	stranger error

	mu     sync.Mutex // guards what follows
	nextID int64
	places []*place
	users  map[string]wallaroo.User
	before map[op]hook // before the work, which an error prevents
	after  map[op]hook // after the work, which an error hides
	counts map[op]int
	sent   []string
}

// place is a workspace of the instance.
type place struct {
	wallaroo.Workspace

	members []wallaroo.Member
	hidden  bool           // from the caller
	unseen  int            // lists that do not show it yet
	shy     map[string]int // lists that do not show a member yet
}

// newFake returns an instance of five users. Ann, who signs in, owns the workspaces
// 7 ("web", with Bob) and 9 ("ml").
func newFake() *fake {
	f := &fake{
		caller:    wallaroo.Caller{UserID: "u-ann", Email: "ann@example.com", Username: "ann"},
		createdBy: "u-ann",
		nextID:    20,
		users:     map[string]wallaroo.User{},
		before:    map[op]hook{},
		after:     map[op]hook{},
		counts:    map[op]int{},
	}

	for _, name := range []string{"ann", "bob", "cat", "dan"} {
		f.users["u-"+name] = wallaroo.User{ID: "u-" + name, Username: name, Email: name + "@example.com", Enabled: true}
	}

	f.users["u-root"] = wallaroo.User{ID: "u-root", Username: "root", Enabled: true}

	f.place(7, "web", boss("u-ann"), mate("u-bob"))
	f.place(9, "ml", boss("u-ann"))

	return f
}

// place adds a workspace.
func (f *fake) place(id int64, name string, members ...wallaroo.Member) *place {
	f.mu.Lock()
	defer f.mu.Unlock()

	p := &place{
		Workspace: wallaroo.Workspace{ID: id, Name: name, CreatedAt: "2026-01-02T03:04:05Z", CreatedBy: "u-ann"},
		members:   members,
		shy:       map[string]int{},
	}
	f.places = append(f.places, p)

	return p
}

func boss(id string) wallaroo.Member { return wallaroo.Member{UserID: id, Role: owner} }
func mate(id string) wallaroo.Member { return wallaroo.Member{UserID: id, Role: collaborator} }

// user adds an account, or changes one.
func (f *fake) user(user wallaroo.User) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.users[user.ID] = user
}

// rename changes a workspace behind the inventory's back.
func (f *fake) rename(workspaceID int64, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.find(workspaceID).Name = name
}

// join adds a collaborator behind the inventory's back.
func (f *fake) join(workspaceID int64, userID string) {
	f.mu.Lock()
	defer f.mu.Unlock()

	p := f.find(workspaceID)
	p.members = append(p.members, wallaroo.Member{UserID: userID, Role: collaborator})
}

// leave takes a member out behind the inventory's back.
func (f *fake) leave(workspaceID int64, userID string) {
	f.mu.Lock()
	defer f.mu.Unlock()

	p := f.find(workspaceID)
	p.members = slices.DeleteFunc(p.members, func(m wallaroo.Member) bool { return m.UserID == userID })
}

func (f *fake) setBefore(o op, h hook) { f.set(f.before, o, h) }
func (f *fake) setAfter(o op, h hook)  { f.set(f.after, o, h) }

func (f *fake) set(hooks map[op]hook, o op, h hook) {
	f.mu.Lock()
	defer f.mu.Unlock()

	hooks[o] = h
}

// count is how many calls of o came.
func (f *fake) count(o op) int {
	f.mu.Lock()
	defer f.mu.Unlock()

	return f.counts[o]
}

// writes are all calls that change something, in order.
func (f *fake) writes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()

	return slices.Clone(f.sent)
}

// membersOf is the truth, by user id.
func (f *fake) membersOf(workspaceID int64) map[string]wallaroo.Role {
	f.mu.Lock()
	defer f.mu.Unlock()

	roles := map[string]wallaroo.Role{}
	for _, m := range f.find(workspaceID).members {
		roles[m.UserID] = m.Role
	}

	return roles
}

func (f *fake) find(workspaceID int64) *place {
	for _, p := range f.places {
		if p.ID == workspaceID {
			return p
		}
	}

	return nil
}

func (f *fake) do(ctx context.Context, o op, write string, work func() error) error {
	f.mu.Lock()
	f.counts[o]++
	n, before, after := f.counts[o], f.before[o], f.after[o]

	if write != "" {
		f.sent = append(f.sent, write)
	}
	f.mu.Unlock()

	if err := ctx.Err(); err != nil {
		return stopped(err)
	}

	if before != nil {
		if err := before(ctx, n); err != nil {
			return err
		}
	}

	f.mu.Lock()
	err := work()
	f.mu.Unlock()

	if err == nil && after != nil {
		err = after(ctx, n)
	}

	return err
}

func (f *fake) ListWorkspaces(ctx context.Context, userIDs ...string) ([]wallaroo.Workspace, error) {
	var list []wallaroo.Workspace

	err := f.do(ctx, listWorkspaces, "", func() error {
		list = nil
		for _, p := range slices.Backward(f.places) {
			asked := len(userIDs) == 0 || f.ignoresFilter || slices.ContainsFunc(p.members, func(m wallaroo.Member) bool { return slices.Contains(userIDs, m.UserID) })

			switch {
			case p.hidden || !asked:
			case p.unseen > 0:
				p.unseen--
			default:
				list = append(list, p.Workspace)
			}
		}

		return nil
	})
	if err != nil {
		return nil, err
	}

	return list, nil
}

func (f *fake) CreateWorkspace(ctx context.Context, name string) (int64, error) {
	var id int64

	err := f.do(ctx, createWorkspace, "create "+name, func() error {
		if !f.sameNames && slices.ContainsFunc(f.places, func(p *place) bool { return p.Name == name }) {
			return nameTaken(http.StatusBadRequest)
		}

		id = f.nextID
		f.nextID += 3
		f.places = append(f.places, &place{
			Workspace: wallaroo.Workspace{ID: id, Name: name, CreatedAt: "2026-03-04T05:06:07Z", CreatedBy: f.createdBy},
			members:   []wallaroo.Member{{UserID: f.caller.UserID, Role: owner}},
			unseen:    f.late,
			shy:       map[string]int{},
		})

		return nil
	})
	if err != nil {
		return 0, err
	}

	return id, nil
}

func (f *fake) ListMembers(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error) {
	var list []wallaroo.Member

	err := f.do(ctx, listMembers, "", func() error {
		p := f.find(workspaceID)
		if p == nil || p.hidden {
			return f.stranger
		}

		list = nil
		for _, m := range p.members {
			if p.shy[m.UserID] > 0 {
				p.shy[m.UserID]--
			} else {
				list = append(list, m)
			}
		}

		return nil
	})
	if err != nil {
		return nil, err
	}

	return list, nil
}

func (f *fake) AddMember(ctx context.Context, member wallaroo.NewMember) error {
	write := strings.TrimSpace(fmt.Sprintf("add %d %s %s", member.WorkspaceID, member.Email+member.UserID, member.Role))

	return f.do(ctx, addMember, write, func() error {
		p := f.find(member.WorkspaceID)
		if p == nil || p.hidden {
			return answered(http.StatusBadRequest, "no such workspace")
		}

		id := member.UserID
		if member.Email != "" {
			for _, user := range f.users {
				if strings.EqualFold(user.Email, member.Email) || strings.EqualFold(user.Username, member.Email) {
					id = user.ID
				}
			}
		}

		if id == "" {
			return answered(http.StatusBadRequest, "no such user")
		}

		role := member.Role
		if role == "" {
			role = collaborator
		}

		for i := range p.members {
			if p.members[i].UserID == id {
				if !f.keepsRoles {
					p.members[i].Role = role
				}

				return nil
			}
		}

		if f.ignoresRoles {
			role = collaborator
		}

		p.members = append(p.members, wallaroo.Member{UserID: id, Role: role})
		p.shy[id] = f.lateMembers

		return nil
	})
}

func (f *fake) RemoveMember(ctx context.Context, workspaceID int64, user wallaroo.UserRef) (bool, error) {
	affected := false

	err := f.do(ctx, removeMember, fmt.Sprintf("remove %d %s", workspaceID, user.UserID), func() error {
		p := f.find(workspaceID)
		if p == nil {
			return answered(http.StatusBadRequest, "no such workspace")
		}

		left := slices.DeleteFunc(slices.Clone(p.members), func(m wallaroo.Member) bool { return m.UserID == user.UserID })
		affected = len(left) < len(p.members)
		p.members = left

		return nil
	})
	if err != nil {
		return false, err
	}

	return affected, nil
}

func (f *fake) Users(ctx context.Context, ids ...string) (map[string]wallaroo.User, error) {
	users := map[string]wallaroo.User{}

	err := f.do(ctx, queryUsers, "", func() error {
		for id, user := range f.users {
			if len(ids) == 0 || slices.Contains(ids, id) {
				users[id] = user
			}
		}

		return nil
	})
	if err != nil {
		return nil, err
	}

	return users, nil
}

func (f *fake) Caller(ctx context.Context) (wallaroo.Caller, error) {
	if err := f.do(ctx, askCaller, "", func() error { return nil }); err != nil {
		return wallaroo.Caller{}, err
	}

	return f.caller, nil
}

// nameTaken is how an instance words its database's refusal.
func nameTaken(status int) *wallaroo.Error {
	return answered(status, `Uniqueness violation. duplicate key value violates unique constraint "workspace_name_key"`)
}

// answered is an error that the instance worded.
func answered(status int, message string) *wallaroo.Error {
	return &wallaroo.Error{Kind: wallaroo.KindAnswer, Method: http.MethodPost, Path: "/v1/api", Host: "wallaroo.example.com", Status: status, Message: message}
}

// unsure is the same failure of a write that may have been made.
func unsure(err *wallaroo.Error) *wallaroo.Error {
	failed := *err
	failed.Ambiguous = true

	return &failed
}

// cut is a connection that ended after the request was sent.
func cut() *wallaroo.Error {
	return unsure(&wallaroo.Error{Kind: wallaroo.KindTransport, Method: http.MethodPost, Path: "/v1/api", Message: "EOF", Err: errors.New("EOF")})
}

// stopped is a request that ended with its caller's context.
func stopped(err error) *wallaroo.Error {
	return &wallaroo.Error{Kind: wallaroo.KindTransport, Method: http.MethodPost, Path: "/v1/api", Message: err.Error(), Err: err}
}

// fail always fails.
func fail(err error) hook { return func(context.Context, int) error { return err } }

// inTurn fails the first call with the first error and so on; nil lets one pass, as
// all do after the last.
func inTurn(errs ...error) hook {
	return func(_ context.Context, n int) error {
		if n > len(errs) {
			return nil
		}

		return errs[n-1]
	}
}

// hold keeps calls until gate is closed or their context ends.
func hold(gate <-chan struct{}) hook {
	return func(ctx context.Context, _ int) error {
		select {
		case <-gate:
			return nil
		case <-ctx.Done():
			return stopped(ctx.Err())
		}
	}
}

// holdNth keeps only the n-th call.
func holdNth(nth int, gate <-chan struct{}) hook {
	return func(ctx context.Context, n int) error {
		if n != nth {
			return nil
		}

		return hold(gate)(ctx, n)
	}
}

// sleeper records waits and takes no time.
type sleeper struct {
	mu    sync.Mutex // guards waits
	waits []time.Duration
}

func (s *sleeper) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.waits = append(s.waits, d)

	return ctx.Err()
}

func (s *sleeper) all() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()

	return slices.Clone(s.waits)
}

// polls are the waits of a search that never finds what it looks for.
func polls() []time.Duration {
	return []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}
}

// newInventory waits for nothing.
func newInventory(f *fake) *inventory.Inventory { return inventory.New(f, new(sleeper).sleep) }

// in starts do beside the test. Its result is read once.
func in[T any](do func() (T, error)) <-chan outcome[T] {
	done := make(chan outcome[T], 1)

	go func() {
		value, err := do()
		done <- outcome[T]{value: value, err: err}
	}()

	return done
}

type outcome[T any] struct {
	value T
	err   error
}

// noErr fails the test on an error.
func noErr(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// same fails the test unless got is want.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()

	if diff := cmp.Diff(want, got, cmp.Comparer(sameText), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// sameText compares errors, which have unexported fields.
func sameText(a, b error) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Error() == b.Error()
}

// isErr fails the test unless err is want, or wraps it.
func isErr(t *testing.T, err, want error) {
	t.Helper()

	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// as returns err as a T, and fails the test if it is none.
func as[T error](t *testing.T, err error) T {
	t.Helper()

	found, ok := errors.AsType[T](err)
	if !ok {
		t.Fatalf("error %v is %T, want %T", err, err, found)
	}

	return found
}

func email(name string) inventory.UserRef { return inventory.UserRef{Email: name + "@example.com"} }
func byID(id string) inventory.UserRef    { return inventory.UserRef{UserID: id} }
