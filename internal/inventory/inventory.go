// Package inventory is one consistent view of a Wallaroo instance during one
// run: reads that many resources share, writes that are safe to make beside each
// other, and the join between emails and user IDs.
//
// An [Inventory] lives as long as one configured provider. It keeps what it has
// read, changes it with its own writes, and remembers what the run has created,
// so that nothing is lost, created twice or removed by accident.
package inventory

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// API has the calls that an inventory makes. [*wallaroo.Client] implements it.
type API interface {
	ListWorkspaces(ctx context.Context, userIDs ...string) ([]wallaroo.Workspace, error)
	CreateWorkspace(ctx context.Context, name string) (int64, error)
	ListMembers(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error)
	AddMember(ctx context.Context, member wallaroo.NewMember) error
	RemoveMember(ctx context.Context, workspaceID int64, user wallaroo.UserRef) (affected bool, err error)
	Users(ctx context.Context, ids ...string) (map[string]wallaroo.User, error)
	CurrentUser(ctx context.Context) (wallaroo.CurrentUser, error)
}

// Clock tells the time and waits. Functions that are nil use real time.
type Clock struct {
	Now func() time.Time
	// Sleep waits for d, or until ctx ends, which is its error.
	Sleep func(ctx context.Context, d time.Duration) error
}

var (
	// pollDelays are the waits before each look at what a write did whose response was
	// lost.
	pollDelays = []time.Duration{0, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}

	// lateDelays are used after a write with a response: an instance may be late
	// to show what it has done.
	lateDelays = pollDelays[:4]
)

// detachedBudget bounds the work that goes on after its caller was canceled,
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
	clock Clock

	workspaces *cache[[]wallaroo.Workspace]
	directory  *directory
	names      locks[string]

	// applying is true once the run has begun to change something. Others change
	// things then too, in an order that the configuration gives.
	applying atomic.Bool

	mu             sync.Mutex // guards what follows
	members        map[int64]*workspaceMembers
	managedIDs     map[int64]bool       // workspaces that were created or adopted
	created        []wallaroo.Workspace // what may not be listed yet
	abandoned      map[int64]string     // names of the workspaces that were removed from state
	learnedUserIDs map[string]string    // user IDs by lower-case email
	ownID          string               // the authenticated account, learned from what it created
}

// New returns an empty inventory of the instance behind api. It sends nothing.
func New(api API, clock Clock) *Inventory {
	if clock.Now == nil {
		clock.Now = time.Now
	}

	if clock.Sleep == nil {
		clock.Sleep = wallaroo.Sleep
	}

	inv := &Inventory{
		api:            api,
		clock:          clock,
		directory:      newDirectory(api, clock),
		members:        map[int64]*workspaceMembers{},
		managedIDs:     map[int64]bool{},
		abandoned:      map[int64]string{},
		learnedUserIDs: map[string]string{},
	}
	inv.workspaces = newCache(clock, inv.fetchWorkspaces)

	return inv
}

// CurrentUser returns the account that authenticates. Its fields are empty when the access
// token does not say them.
func (inv *Inventory) CurrentUser(ctx context.Context) (wallaroo.CurrentUser, error) {
	return inv.api.CurrentUser(ctx)
}

// IsApplying reports whether this run has begun to change something.
func (inv *Inventory) IsApplying() bool { return inv.applying.Load() }

func (inv *Inventory) pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}

	return inv.clock.Sleep(ctx, d)
}
