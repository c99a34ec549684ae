package emulator

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// Roles of a member as the API answers them.
const (
	// Owner is the role of the creator of a workspace.
	Owner = "OWNER"
	// Collaborator is the role that add_user gives when it is asked for none.
	Collaborator = "COLLABORATOR"
)

// User is an account of the instance. Admin accounts see every workspace.
type User = keycloak.User

// Workspace is a workspace of the instance with its members.
type Workspace struct {
	// ID is the number of the workspace. AddWorkspace takes the next one when it is 0.
	ID int64 `json:"id"`
	// Name is unique unless API.DuplicateNames is set.
	Name string `json:"name"`
	// CreatedAt is when it was created. Default: now.
	CreatedAt time.Time `json:"created_at"`
	// CreatedBy is the ID or the email of the creator.
	CreatedBy string `json:"created_by"`
	// Archived is shown in lists; no call changes it.
	Archived bool `json:"archived"`
	// Hidden workspaces are visible to nobody, but their name is in use.
	Hidden bool `json:"hidden"`
	// Models and Pipelines are IDs.
	Models    []int64 `json:"models"`
	Pipelines []int64 `json:"pipelines"`
	// Members maps user IDs to Owner or Collaborator. A Seed may use emails and user names, too.
	Members map[string]string `json:"members"`
}

func (w *Workspace) copy() Workspace {
	out := *w
	out.Models, out.Pipelines = slices.Clone(w.Models), slices.Clone(w.Pipelines)
	out.Members = maps.Clone(w.Members)

	return out
}

// store is the memory of an instance. Its user must hold the lock of the Server.
type store struct {
	workspaces map[int64]*Workspace
	lastID     int64
	created    int
}

// nextID returns the ID of a new workspace. Steps of one and two in turn leave the gaps that real instances have.
func (st *store) nextID() int64 {
	st.lastID += int64(1 + st.created%2)
	st.created++

	return st.lastID
}

func (st *store) nameInUse(name string) bool {
	for _, w := range st.workspaces {
		if w.Name == name {
			return true
		}
	}

	return false
}

// visible returns the workspace if the caller may see it.
func (st *store) visible(id int64, caller User) (*Workspace, bool) {
	w, ok := st.workspaces[id]
	if !ok || w.Hidden {
		return nil, false
	}

	_, member := w.Members[caller.ID]

	return w, member || caller.Admin
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
