package inventory_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
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
	askCurrentUser  op = "CurrentUser"
)

// hook steps into a call; n counts the calls of its op from 1. Its error is the
// call's.
type hook func(ctx context.Context, n int) error

// fake is an instance in memory. Set its variants before it is used; hooks can be
// set at any time.
type fake struct {
	variants

	// caller is what the access token says; ownID is whose it is.
	caller wallaroo.CurrentUser
	ownID  string
	// latency is the time of each call but those of the token.
	latency time.Duration
	// slots bounds the calls in flight, and writeSlots the writes among them, if they are
	// not nil.
	slots, writeSlots chan struct{}

	mu         sync.Mutex // guards what follows
	nextID     int64
	workspaces []*workspace
	users      map[string]wallaroo.User
	before     map[op]hook // before the work, which an error prevents
	after      map[op]hook // after the work, which an error hides
	counts     map[op]int
	asked      [][]string // IDs of each query for users
	sent       []string
	most       int // adds and removals in flight at the same time, at most
	inFlight   int
}

// variants are the ways in which instances differ.
type variants struct {
	// createdBy is what the instance writes as the creator of new workspaces.
	createdBy string
	// withoutCreator makes nobody a member of a new workspace.
	withoutCreator bool
	// late is how many lists do not show a new workspace yet.
	late int
	// lateMembers is how many lists do not show a new member yet, and lateRemovals how
	// many still show a removed one.
	lateMembers, lateRemovals int
	// sameNames allows names that are in use.
	sameNames bool
	// keepsRoles leaves the role of who already is a member, and ignoresRoles makes
	// everybody else who is added a collaborator.
	keepsRoles, ignoresRoles bool
	// plainKeepsRoles leaves the role of a member who is added without one.
	plainKeepsRoles bool
	// refusesRoles answers 400 to a role.
	refusesRoles bool
	// refusesPresent is the answer to an add of who already is a member.
	refusesPresent error
	// ignoresFilter lists all workspaces whatever users are asked for.
	ignoresFilter bool
	// withoutUsers are accounts that the directory does not show.
	withoutUsers []string
	// withoutEmails leaves the emails out of the directory.
	withoutEmails bool
	// listsEmails puts the email into the member list.
	listsEmails bool
	// removesByEmail is the answer to a removal by ID.
	removesByEmail error
	// noAffectedRows leaves out whether a removal changed something.
	noAffectedRows bool
	// hiddenMembers is the answer to who lists the members of a hidden workspace; nil
	// is an empty list.
	hiddenMembers error
}

// workspace is one of the instance.
type workspace struct {
	wallaroo.Workspace

	members []wallaroo.Member
	hidden  bool           // from the caller
	late    int            // lists that do not show it yet
	coming  map[string]int // lists that do not show a member yet
	gone    map[string]int // lists that still show a removed member
}

// newFake returns an instance of five users. Ann, who authenticates, owns the
// workspaces 7 ("web", with Bob) and 9 ("ml").
func newFake() *fake {
	f := &fake{
		variants: variants{createdBy: "u-ann"},
		caller:   wallaroo.CurrentUser{UserID: "u-ann", Email: "ann@example.com", Username: "ann"},
		ownID:    "u-ann",
		latency:  time.Millisecond,
		nextID:   20,
		users:    map[string]wallaroo.User{},
		before:   map[op]hook{},
		after:    map[op]hook{},
		counts:   map[op]int{},
	}

	for _, name := range []string{"ann", "bob", "cat", "dan"} {
		f.setUser("u-"+name, name)
	}

	f.users["u-root"] = wallaroo.User{ID: "u-root", Username: "root", Enabled: true}

	f.addWorkspace(7, "web", owner("u-ann"), collaborator("u-bob"))
	f.addWorkspace(9, "ml", owner("u-ann"))

	return f
}

func owner(id string) wallaroo.Member { return wallaroo.Member{UserID: id, Role: roleOwner} }

func collaborator(id string) wallaroo.Member {
	return wallaroo.Member{UserID: id, Role: roleCollaborator}
}

func (f *fake) addWorkspace(id int64, name string, members ...wallaroo.Member) *workspace {
	return f.insert(id, name, "2026-01-02T03:04:05Z", "u-ann", members...)
}

func (f *fake) insert(id int64, name, createdAt, createdBy string, members ...wallaroo.Member) *workspace {
	w := &workspace{
		Workspace: wallaroo.Workspace{ID: id, Name: name, CreatedAt: createdAt, CreatedBy: createdBy},
		members:   members,
		coming:    map[string]int{},
		gone:      map[string]int{},
	}
	f.workspaces = append(f.workspaces, w)

	return w
}

// opaque makes the access token one that says nothing.
func (f *fake) opaque() { f.caller = wallaroo.CurrentUser{} }

// noDirectory refuses the user directory.
func (f *fake) noDirectory() {
	f.setBefore(queryUsers, fail(answered(http.StatusForbidden, "no")))
}

// change runs do while the instance stands still.
func (f *fake) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()

	do()
}

// setUser creates an account, or gives one another name and email.
func (f *fake) setUser(id, name string) {
	f.change(func() {
		f.users[id] = wallaroo.User{ID: id, Username: name, Email: name + "@example.com", Enabled: true}
	})
}

func (f *fake) deleteUser(id string) { f.change(func() { delete(f.users, id) }) }

// join adds members behind the inventory's back.
func (f *fake) join(workspaceID int64, members ...wallaroo.Member) {
	f.change(func() {
		w := f.find(workspaceID)
		w.members = append(w.members, members...)
	})
}

// leave removes a member behind the inventory's back.
func (f *fake) leave(workspaceID int64, userID string) {
	f.change(func() {
		w := f.find(workspaceID)
		w.members = slices.DeleteFunc(w.members, func(m wallaroo.Member) bool { return m.UserID == userID })
	})
}

func (f *fake) setBefore(o op, h hook) { f.change(func() { f.before[o] = h }) }
func (f *fake) setAfter(o op, h hook)  { f.change(func() { f.after[o] = h }) }

// count is how many calls of o came.
func (f *fake) count(o op) (n int) {
	f.change(func() { n = f.counts[o] })

	return n
}

// checks are the IDs of each query for some users.
func (f *fake) checks() (asked [][]string) {
	f.change(func() {
		asked = slices.DeleteFunc(slices.Clone(f.asked), func(ids []string) bool { return len(ids) == 0 })
	})

	return asked
}

// writes are all calls that change something, in order.
func (f *fake) writes() (sent []string) {
	f.change(func() { sent = slices.Clone(f.sent) })

	return sent
}

// mostInFlight is how many adds and removals there were at the same time, at most.
func (f *fake) mostInFlight() (n int) {
	f.change(func() { n = f.most })

	return n
}

// membersOf is the truth, by user ID.
func (f *fake) membersOf(workspaceID int64) team {
	all := team{}

	f.change(func() {
		for _, m := range f.find(workspaceID).members {
			all[m.UserID] = m.Role
		}
	})

	return all
}

func (f *fake) find(workspaceID int64) *workspace {
	for _, w := range f.workspaces {
		if w.ID == workspaceID {
			return w
		}
	}

	return nil
}

func (f *fake) do(ctx context.Context, o op, write string, work func() error) error {
	if err := f.begin(ctx, write); err != nil {
		return err
	}
	defer f.end(write)

	f.mu.Lock()
	f.counts[o]++
	n, before, after := f.counts[o], f.before[o], f.after[o]
	f.mu.Unlock()

	if before != nil {
		if err := before(ctx, n); err != nil {
			return err
		}
	}

	// A write that was sent goes on without its caller.
	if write == "" {
		if err := wallaroo.Sleep(ctx, f.latency); err != nil {
			return stopped(err)
		}
	} else {
		time.Sleep(f.latency)
	}

	f.mu.Lock()
	err := work()
	f.mu.Unlock()

	if err == nil && after != nil {
		err = after(ctx, n)
	}

	return err
}

func (f *fake) begin(ctx context.Context, write string) error {
	if err := ctx.Err(); err != nil {
		return stopped(err)
	}

	if f.slots != nil && write != "" {
		f.writeSlots <- struct{}{}
	}

	if f.slots != nil {
		f.slots <- struct{}{}
	}

	if write != "" {
		f.change(func() {
			f.sent = append(f.sent, write)
			f.inFlight++
			f.most = max(f.most, f.inFlight)
		})
	}

	return nil
}

func (f *fake) end(write string) {
	if write != "" {
		f.change(func() { f.inFlight-- })
	}

	if f.slots != nil {
		<-f.slots
	}

	if f.slots != nil && write != "" {
		<-f.writeSlots
	}
}

func (f *fake) ListWorkspaces(ctx context.Context, userIDs ...string) (list []wallaroo.Workspace, err error) {
	err = f.do(ctx, listWorkspaces, "", func() error {
		for _, w := range slices.Backward(f.workspaces) {
			isAsked := len(userIDs) == 0 || f.ignoresFilter || slices.ContainsFunc(w.members, func(m wallaroo.Member) bool {
				return slices.Contains(userIDs, m.UserID)
			})

			switch {
			case w.hidden || !isAsked:
			case w.late > 0:
				w.late--
			default:
				list = append(list, w.Workspace)
			}
		}

		return nil
	})
	if err != nil {
		return nil, err
	}

	return list, nil
}

func (f *fake) CreateWorkspace(ctx context.Context, name string) (id int64, err error) {
	err = f.do(ctx, createWorkspace, "create "+name, func() error {
		if !f.sameNames && slices.ContainsFunc(f.workspaces, func(w *workspace) bool { return w.Name == name }) {
			return nameInUse(http.StatusBadRequest)
		}

		id = f.nextID
		f.nextID += 3
		w := f.insert(id, name, "2026-03-04T05:06:07Z", f.createdBy)
		w.late = f.late

		if !f.withoutCreator {
			w.members = []wallaroo.Member{owner(f.ownID)}
		}

		return nil
	})
	if err != nil {
		return 0, err
	}

	return id, nil
}

func (f *fake) ListMembers(ctx context.Context, workspaceID int64) (list []wallaroo.Member, err error) {
	err = f.do(ctx, listMembers, "", func() error {
		w := f.find(workspaceID)
		if w == nil || w.hidden {
			return f.hiddenMembers
		}

		list = f.visible(w)

		return nil
	})
	if err != nil {
		return nil, err
	}

	return list, nil
}

func (f *fake) visible(w *workspace) (list []wallaroo.Member) {
	for _, m := range w.members {
		if w.coming[m.UserID] > 0 {
			w.coming[m.UserID]--

			continue
		}

		if f.listsEmails {
			m.Email = f.users[m.UserID].Email
		}

		list = append(list, m)
	}

	for id := range w.gone {
		if w.gone[id] > 0 {
			w.gone[id]--

			list = append(list, collaborator(id))
		}
	}

	return list
}

func (f *fake) AddMember(ctx context.Context, member wallaroo.NewMember) error {
	write := strings.TrimSpace(fmt.Sprintf("add %d %s %s", member.WorkspaceID, member.Email+member.UserID, member.Role))

	return f.do(ctx, addMember, write, func() error {
		w := f.find(member.WorkspaceID)
		if w == nil || w.hidden {
			return answered(http.StatusBadRequest, "no such workspace")
		}

		if f.refusesRoles && member.Role != "" {
			return answered(http.StatusBadRequest, "user_type: unexpected field")
		}

		id := f.userOf(member.Email, member.UserID)
		if id == "" {
			return answered(http.StatusBadRequest, "no such user")
		}

		return f.upsert(w, wallaroo.Member{UserID: id, Role: member.Role})
	})
}

func (f *fake) upsert(w *workspace, member wallaroo.Member) error {
	keepsRole := f.keepsRoles || f.plainKeepsRoles && member.Role == ""
	member.Role = cmp.Or(member.Role, roleCollaborator)

	if f.ignoresRoles {
		member.Role = roleCollaborator
	}

	for i := range w.members {
		if w.members[i].UserID != member.UserID {
			continue
		}

		if f.refusesPresent == nil && !keepsRole {
			w.members[i].Role = member.Role
		}

		return f.refusesPresent
	}

	w.members = append(w.members, member)
	w.coming[member.UserID] = f.lateMembers

	return nil
}

// userOf is the account of an email or else an ID.
func (f *fake) userOf(email, id string) string {
	for _, user := range f.users {
		if email != "" && strings.EqualFold(user.Email, email) {
			return user.ID
		}
	}

	if email != "" {
		return ""
	}

	return id
}

func (f *fake) RemoveMember(ctx context.Context, workspaceID int64, user wallaroo.UserRef) (affected bool, err error) {
	write := fmt.Sprintf("remove %d %s", workspaceID, user.UserID+user.Email)

	err = f.do(ctx, removeMember, write, func() error {
		w := f.find(workspaceID)
		if w == nil {
			return answered(http.StatusBadRequest, "no such workspace")
		}

		if user.UserID != "" && f.removesByEmail != nil {
			return f.removesByEmail
		}

		id := f.userOf(user.Email, user.UserID)
		remaining := slices.DeleteFunc(slices.Clone(w.members), func(m wallaroo.Member) bool { return m.UserID == id })

		if len(remaining) < len(w.members) {
			affected = !f.noAffectedRows
			w.gone[id] = f.lateRemovals
		}

		w.members = remaining

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
		f.asked = append(f.asked, ids)

		for id, user := range f.users {
			if f.withoutEmails {
				user.Email = ""
			}

			if (len(ids) == 0 || slices.Contains(ids, id)) && !slices.Contains(f.withoutUsers, id) {
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

func (f *fake) CurrentUser(ctx context.Context) (wallaroo.CurrentUser, error) {
	f.mu.Lock()
	f.counts[askCurrentUser]++
	n, before, caller := f.counts[askCurrentUser], f.before[askCurrentUser], f.caller
	f.mu.Unlock()

	if before != nil {
		if err := before(ctx, n); err != nil {
			return wallaroo.CurrentUser{}, err
		}
	}

	return caller, nil
}
