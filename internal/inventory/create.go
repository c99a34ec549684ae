package inventory

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Created is the outcome of a create.
type Created struct {
	Workspace wallaroo.Workspace
	// Adopted is true when the workspace was there before.
	Adopted bool
	// Lost is the failure of a create whose outcome was found by looking.
	Lost error
	// Unread is why nothing but id and name of the workspace is known. It was
	// created all the same.
	Unread error
}

// Adoption says what a create does about a visible workspace of its name.
type Adoption int

const (
	// AdoptNever fails with a [*NameTakenError].
	AdoptNever Adoption = iota
	// AdoptOrCreate takes it over, and creates one if there is none.
	AdoptOrCreate
	// AdoptOnly takes it over, and fails with [ErrNothingToAdopt] if there is none.
	AdoptOnly
)

// looks are the waits before each look at an instance that may be late to show
// what a write did.
var looks = []time.Duration{0, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}

// Create makes a workspace, or takes over the visible one of that name if adoption
// allows it. A workspace goes to one caller of a run only.
//
// Creating is not idempotent. When no usable answer comes, the instance is looked
// at, apart from ctx's cancellation: exactly one new workspace of that name is
// the outcome. A second create is never sent.
//
// It fails with a [*NameTakenError], a [*LostCreateError] or the API's error.
func (inv *Inventory) Create(ctx context.Context, name string, adoption Adoption) (Created, error) {
	release, err := inv.names.take(ctx, name)
	if err != nil {
		return Created{}, err
	}
	defer release()

	same, err := inv.WorkspacesNamed(ctx, name)
	if err != nil {
		return Created{}, err
	}

	if len(same) > 0 {
		return inv.adopt(ctx, name, same, adoption)
	}

	if adoption == AdoptOnly {
		return Created{}, ErrNothingToAdopt
	}

	id, err := inv.api.CreateWorkspace(ctx, name)
	if err != nil {
		return inv.explainFailedCreate(ctx, name, err)
	}

	if !inv.claimWorkspace(id) {
		return Created{}, &NameTakenError{Name: name, IDs: []int64{id}, ByThisRun: true}
	}

	made := wallaroo.Workspace{ID: id, Name: name}

	inv.mu.Lock()
	inv.made = append(inv.made, made)
	inv.mu.Unlock()

	return inv.readBack(ctx, made), nil
}

func (inv *Inventory) adopt(ctx context.Context, name string, same []wallaroo.Workspace, adoption Adoption) (Created, error) {
	taken := &NameTakenError{Name: name, IDs: idsOf(same), ByThisRun: inv.IsTaken(same[0].ID)}
	if adoption == AdoptNever || len(same) > 1 || !inv.claimWorkspace(same[0].ID) {
		return Created{}, taken
	}

	adopted := Created{Workspace: same[0], Adopted: true}
	if found, err := inv.Workspace(ctx, same[0].ID); err == nil {
		adopted.Workspace = found
	} else {
		adopted.Unread = err
	}

	return adopted, nil
}

// readBack learns what the answer to a create does not tell. The workspace
// exists: whatever goes wrong here must not make it look otherwise.
func (inv *Inventory) readBack(ctx context.Context, made wallaroo.Workspace) Created {
	inv.workspaces.outdate(func(list []wallaroo.Workspace) []wallaroo.Workspace { return withWorkspace(list, made) })

	var err error

	for _, wait := range looks {
		if err = inv.pause(ctx, wait); err != nil {
			break
		}

		var list []wallaroo.Workspace
		if list, err = inv.workspaces.get(ctx); err != nil {
			break
		}

		if found, ok := findWorkspace(list, made.ID); ok {
			return Created{Workspace: found}
		}

		err = ErrNotVisible

		inv.workspaces.outdate(func(list []wallaroo.Workspace) []wallaroo.Workspace { return withWorkspace(list, made) })
	}

	return Created{Workspace: made, Unread: err}
}

// explainFailedCreate finds out what a failed create did.
func (inv *Inventory) explainFailedCreate(ctx context.Context, name string, failed error) (Created, error) {
	refused := saysTaken(failed)
	if !refused && isAmbiguous(failed) {
		return inv.reconcile(ctx, name, failed)
	}

	if !refused && !isAnswer(failed, http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity) {
		return Created{}, failed
	}

	// Somebody else may have made one of that name since the last look.
	inv.workspaces.outdate(nil)

	list, err := inv.workspaces.get(ctx)
	same := named(list, name)

	if err == nil && (refused || len(same) > 0) {
		return Created{}, &NameTakenError{Name: name, IDs: idsOf(same), Err: failed}
	}

	if refused {
		return Created{}, &NameTakenError{Name: name, Err: failed}
	}

	return Created{}, failed
}

// reconcile looks for the outcome of a create that got no usable answer. The name
// was free before, so whatever has it now came up meanwhile.
func (inv *Inventory) reconcile(ctx context.Context, name string, failed error) (Created, error) {
	ctx, cancel := detach(ctx)
	defer cancel()

	lost := &LostCreateError{Name: name, Err: failed}

	for _, wait := range looks {
		if inv.pause(ctx, wait) != nil {
			break
		}

		inv.workspaces.outdate(nil)

		list, err := inv.workspaces.get(ctx)
		if err != nil {
			continue
		}

		lost.Looked = true

		if same := named(list, name); len(same) > 0 {
			if len(same) == 1 && inv.madeByCaller(ctx, same[0]) && inv.claimWorkspace(same[0].ID) {
				return Created{Workspace: same[0], Lost: failed}, nil
			}

			lost.Candidates = idsOf(same)

			return Created{}, lost
		}
	}

	return Created{}, lost
}

// madeByCaller is false only if the instance names somebody else as the creator.
// Instances write a user id, an e-mail or nothing there.
func (inv *Inventory) madeByCaller(ctx context.Context, w wallaroo.Workspace) bool {
	caller, err := inv.api.Caller(ctx)
	if err != nil || caller.UserID == "" && caller.Email == "" && caller.Username == "" || w.CreatedBy == "" {
		return true
	}

	if strings.Contains(w.CreatedBy, "@") && caller.Email == "" {
		return true
	}

	return slices.ContainsFunc([]string{caller.UserID, caller.Email, caller.Username}, func(own string) bool {
		return strings.EqualFold(own, w.CreatedBy)
	})
}

// claimWorkspace is false when a resource of this run has the workspace already.
func (inv *Inventory) claimWorkspace(id int64) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	if inv.taken[id] {
		return false
	}

	inv.taken[id] = true

	return true
}

// IsTaken is true when a resource of this run made or adopted the workspace.
func (inv *Inventory) IsTaken(id int64) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	return inv.taken[id]
}

func (inv *Inventory) pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}

	return inv.sleep(ctx, d)
}
