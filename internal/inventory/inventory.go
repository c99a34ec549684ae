// Package inventory is one consistent view of a Wallaroo instance during one
// run: reads that many resources share, writes that are safe to make beside each
// other, and the join between e-mails and user ids.
//
// An [Inventory] lives as long as one configured provider. It keeps what it has
// read, changes it with its own writes, and remembers what the run has created,
// so that nothing is lost, made twice or removed by accident.
package inventory

import (
	"context"
	"sync"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// API is what an inventory needs of an instance. [*wallaroo.Client] is one.
type API interface {
	ListWorkspaces(ctx context.Context, userIDs ...string) ([]wallaroo.Workspace, error)
	CreateWorkspace(ctx context.Context, name string) (int64, error)
	ListMembers(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error)
	AddMember(ctx context.Context, member wallaroo.NewMember) error
	RemoveMember(ctx context.Context, workspaceID int64, user wallaroo.UserRef) (affected bool, err error)
	Users(ctx context.Context, ids ...string) (map[string]wallaroo.User, error)
	Caller(ctx context.Context) (wallaroo.Caller, error)
}

// Sleep waits for d, or until ctx ends, which is its error.
type Sleep func(ctx context.Context, d time.Duration) error

// detachedBudget bounds the work that goes on after its caller was cancelled,
// because without it the outcome of a write would not be known.
const detachedBudget = 30 * time.Second

// detach returns a context for looking at what a write did. It does not end with its
// caller, but it does end.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), detachedBudget)
}

// Inventory is safe for concurrent use. Make one with [New].
type Inventory struct {
	api   API
	sleep Sleep

	workspaces *snapshot[[]wallaroo.Workspace]
	directory  *snapshot[*directory]
	names      locks[string]

	mu    sync.Mutex // guards what follows
	rooms map[int64]*room
	taken map[int64]bool       // workspace ids that this run created or adopted
	made  []wallaroo.Workspace // what this run created, which may not be listed yet
	met   map[string]string    // user ids by lower-case e-mail, learned from adds
}

// New returns an empty inventory of the instance behind api. It sends nothing.
// Waits between looks at the instance go through sleep; nil means real time.
func New(api API, sleep Sleep) *Inventory {
	if sleep == nil {
		sleep = wallaroo.Sleep
	}

	inv := &Inventory{
		api:   api,
		sleep: sleep,
		rooms: map[int64]*room{},
		taken: map[int64]bool{},
		met:   map[string]string{},
	}
	inv.workspaces = newSnapshot(inv.fetchWorkspaces)
	inv.directory = newSnapshot(inv.fetchDirectory)

	return inv
}

// Caller returns the account that signs in. Its fields are empty when the access
// token does not tell.
func (inv *Inventory) Caller(ctx context.Context) (wallaroo.Caller, error) {
	return inv.api.Caller(ctx)
}
