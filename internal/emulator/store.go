package emulator

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"
)

// Roles of a member as the API answers them.
const (
	// Owner is the role of the creator of a workspace.
	Owner = "OWNER"
	// Collaborator is the role that add_user gives when it is asked for none.
	Collaborator = "COLLABORATOR"
)

// User is an account of the instance.
type User struct {
	// ID is the Keycloak id. AddUser makes one when it is empty.
	ID string
	// Username is kept in lower case. Default: Email.
	Username string
	// Email is kept in lower case. It may be empty.
	Email string
	// Password is what the account signs in with. Default: SeedPassword.
	Password string
	// Token is an opaque bearer token that never expires. Default: none.
	Token string
	// FirstName and LastName may be empty.
	FirstName, LastName string
	// Admin accounts see every workspace.
	Admin bool
	// Disabled accounts cannot sign in.
	Disabled bool
	// RequiredActions are what the account must do before it can sign in, such as UPDATE_PASSWORD.
	RequiredActions []string
}

// Workspace is a workspace of the instance with its members.
type Workspace struct {
	// ID is the number of the workspace. AddWorkspace takes the next one when it is 0.
	ID int64
	// Name is unique unless Options.DuplicateNames is set.
	Name string
	// CreatedAt is when it was made. Default: now.
	CreatedAt time.Time
	// CreatedBy is the id or the e-mail of the creator.
	CreatedBy string
	// Archived is shown in lists; no call changes it.
	Archived bool
	// Hidden workspaces are seen by nobody, but their name is taken.
	Hidden bool
	// Models and Pipelines are ids.
	Models, Pipelines []int64
	// Members maps user ids to Owner or Collaborator.
	Members map[string]string
}

func (w *Workspace) copy() Workspace {
	out := *w
	out.Models, out.Pipelines = slices.Clone(w.Models), slices.Clone(w.Pipelines)
	out.Members = maps.Clone(w.Members)
	return out
}

// account is a User with what the instance knows beside.
type account struct {
	User
	service   bool // the account behind a client
	created   time.Time
	lastLogin time.Time
	failures  int // wrong passwords in a row
}

// store is the memory of an instance. Whoever uses it holds the lock of the Server.
type store struct {
	users      map[string]*account
	workspaces map[int64]*Workspace
	lastID     int64
	created    int
	usersMade  int
}

func newStore() store {
	return store{users: map[string]*account{}, workspaces: map[int64]*Workspace{}}
}

// nextID returns the id of a new workspace. Steps of one and two in turn leave the gaps that real instances have.
func (st *store) nextID() int64 {
	st.lastID += int64(1 + st.created%2)
	st.created++
	return st.lastID
}

func (st *store) nameTaken(name string) bool {
	for _, w := range st.workspaces {
		if w.Name == name {
			return true
		}
	}
	return false
}

// visible returns the workspace if the caller may see it.
func (st *store) visible(id int64, caller *account) (*Workspace, bool) {
	w, ok := st.workspaces[id]
	if !ok || w.Hidden {
		return nil, false
	}
	_, member := w.Members[caller.ID]
	return w, member || caller.Admin
}

// byEmail finds the account with that e-mail, in any letter case.
func (st *store) byEmail(email string) *account {
	email = strings.ToLower(email)
	for _, u := range st.users {
		if u.Email != "" && u.Email == email {
			return u
		}
	}
	return nil
}

// byLogin finds the account that signs in with that user name or e-mail, in any letter case.
func (st *store) byLogin(name string) *account {
	name = strings.ToLower(name)
	for _, u := range st.users {
		if u.Username == name && !u.service {
			return u
		}
	}
	return st.byEmail(name)
}

// byToken finds the account with that opaque token.
func (st *store) byToken(token string) *account {
	for _, u := range st.users {
		if token != "" && u.Token == token {
			return u
		}
	}
	return nil
}

// shuffled returns the values in an order that is always the same, and of no use to whoever expects sorted lists.
func shuffled[T any](values []T, key func(T) string) []T {
	hash := func(v T) uint64 {
		h := fnv.New64a()
		_, _ = h.Write([]byte(key(v)))
		return h.Sum64()
	}
	slices.SortFunc(values, func(a, b T) int {
		return cmp.Or(cmp.Compare(hash(a), hash(b)), strings.Compare(key(a), key(b)))
	})
	return values
}

// uuid returns an id in the form of a UUID that depends on the parts alone.
func uuid(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
