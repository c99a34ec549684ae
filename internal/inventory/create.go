package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Created is the outcome of a create.
type Created struct {
	Workspace wallaroo.Workspace
	// Adopted is true when the workspace existed before.
	Adopted bool
	// CreateErr is the failure of a create whose outcome was found by looking.
	CreateErr error
	// ReadErr is why nothing but ID and name of the workspace is known. It was
	// created all the same.
	ReadErr error
}

// Adoption says what a create does about an accessible workspace of its name.
type Adoption int

const (
	// AdoptNever fails with a [*NameInUseError].
	AdoptNever Adoption = iota
	// AdoptOrCreate adopts it, and creates one if there is none.
	AdoptOrCreate
	// AdoptOnly adopts it, and fails with [ErrNothingToAdopt] if there is none.
	AdoptOnly
)

// Create creates a workspace, or adopts the accessible one of that name if adoption
// allows it, or if this run has removed it from state under that name. A workspace
// goes to one caller of a run only.
//
// Creating is not idempotent. When no usable response comes, the instance is looked
// at, apart from ctx's cancellation: exactly one new workspace of that name is
// the outcome. A second create is never sent.
//
// It fails with a [*NameInUseError], a [*UnknownOutcomeError] or the API's error.
func (inv *Inventory) Create(ctx context.Context, name string, adoption Adoption) (Created, error) {
	inv.applying.Store(true)

	release, err := inv.names.acquire(ctx, name)
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

	defer inv.workspaces.expect()() // announces the list that reads it back

	id, err := inv.api.CreateWorkspace(ctx, name)
	if err != nil {
		return inv.explainFailedCreate(ctx, name, err)
	}

	if !inv.manage(id) {
		return Created{}, &NameInUseError{Name: name, IDs: []int64{id}, ByThisRun: true}
	}

	created := wallaroo.Workspace{ID: id, Name: name}

	inv.mu.Lock()
	inv.created = append(inv.created, created)
	inv.mu.Unlock()

	return inv.readBack(ctx, created), nil
}

func (inv *Inventory) adopt(ctx context.Context, name string, same []wallaroo.Workspace, adoption Adoption) (Created, error) {
	found, isOwn := same[0], false

	for _, w := range same {
		if inv.IsAbandoned(name, w.ID) {
			found, isOwn = w, true
		}
	}

	inUse := &NameInUseError{Name: name, IDs: idsOf(same), ByThisRun: inv.IsManaged(found.ID)}
	if !isOwn && (adoption == AdoptNever || len(same) > 1) || !inv.manage(found.ID) {
		return Created{}, inUse
	}

	adopted := Created{Workspace: found, Adopted: true}
	if current, err := inv.Workspace(ctx, found.ID); err == nil {
		adopted.Workspace = current
	} else {
		adopted.ReadErr = err
	}

	return adopted, nil
}

// readBack reads what the response to a create does not say. The workspace exists:
// whatever goes wrong here must not make it look otherwise.
func (inv *Inventory) readBack(ctx context.Context, created wallaroo.Workspace) Created {
	var err error

	for _, wait := range lateDelays {
		if err = inv.pause(ctx, wait); err != nil {
			break
		}

		inv.workspaces.invalidate(func(list []wallaroo.Workspace) []wallaroo.Workspace { return withWorkspace(list, created) })

		var list []wallaroo.Workspace
		if list, err = inv.workspaces.getGathered(ctx, anytime); err != nil {
			break
		}

		if found, ok := findWorkspace(list, created.ID); ok {
			return Created{Workspace: found}
		}

		err = ErrNotAccessible
	}

	inv.workspaces.invalidate(func(list []wallaroo.Workspace) []wallaroo.Workspace { return withWorkspace(list, created) })

	return Created{Workspace: created, ReadErr: err}
}

// explainFailedCreate finds out what a failed create did.
func (inv *Inventory) explainFailedCreate(ctx context.Context, name string, failed error) (Created, error) {
	inUse := wallaroo.IsNameInUse(failed)
	if !inUse && wallaroo.IsOutcomeUnknown(failed) {
		return inv.reconcileCreate(ctx, name, failed)
	}

	if !inUse && !wallaroo.IsBadRequest(failed) {
		return Created{}, failed
	}

	// Somebody else may have created one of that name since the last look.
	inv.workspaces.invalidate(nil)

	list, err := inv.workspaces.get(ctx)
	same := named(list, name)

	switch {
	case err == nil && (inUse || len(same) > 0):
		return Created{}, &NameInUseError{Name: name, IDs: idsOf(same), Err: failed}
	case inUse:
		return Created{}, &NameInUseError{Name: name, Err: failed}
	default:
		return Created{}, failed
	}
}

// reconcileCreate looks for the outcome of a create that got no usable response. The name
// was free before, so whatever has it now appeared meanwhile. An instance that has
// answered is given less time.
func (inv *Inventory) reconcileCreate(ctx context.Context, name string, failed error) (Created, error) {
	ctx, cancel := detach(ctx)
	defer cancel()

	delays := pollDelays
	if wallaroo.IsAPIError(failed) {
		delays = lateDelays
	}

	unknown := &UnknownOutcomeError{Name: name, Err: failed}

	for _, wait := range delays {
		if inv.pause(ctx, wait) != nil {
			break
		}

		inv.workspaces.invalidate(nil)

		list, err := inv.workspaces.get(ctx)
		if err != nil {
			continue
		}

		unknown.Looked = true

		if same := named(list, name); len(same) > 0 {
			if len(same) == 1 && inv.isOwnCreation(ctx, same[0]) && inv.manage(same[0].ID) {
				return Created{Workspace: same[0], CreateErr: failed}, nil
			}

			unknown.Candidates = idsOf(same)

			return Created{}, unknown
		}
	}

	return Created{}, unknown
}

// isOwnCreation is false only if the instance names somebody else as the creator.
// Instances write a user ID, an email or nothing there.
func (inv *Inventory) isOwnCreation(ctx context.Context, w wallaroo.Workspace) bool {
	currentUser, err := inv.api.CurrentUser(ctx)
	if err != nil || currentUser.UserID == "" && currentUser.Email == "" && currentUser.Username == "" || w.CreatedBy == "" {
		return true
	}

	if strings.Contains(w.CreatedBy, "@") && currentUser.Email == "" {
		return true
	}

	return slices.ContainsFunc([]string{currentUser.UserID, currentUser.Email, currentUser.Username}, func(own string) bool {
		return strings.EqualFold(own, w.CreatedBy)
	})
}

// manage is false when a resource of this run has the workspace already.
func (inv *Inventory) manage(id int64) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	if inv.managedIDs[id] {
		return false
	}

	inv.managedIDs[id] = true

	return true
}

// IsManaged reports whether a resource of this run created or adopted the workspace.
func (inv *Inventory) IsManaged(id int64) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	return inv.managedIDs[id]
}

// Abandon records that this run removes a workspace from state, so that a create of
// the same name takes it back: a name that was not known at plan time can turn out to
// be the same. It reports whether the workspace is the first one.
func (inv *Inventory) Abandon(name string, id int64) (first bool) {
	inv.applying.Store(true)

	inv.mu.Lock()
	defer inv.mu.Unlock()

	first = len(inv.abandoned) == 0
	inv.abandoned[id] = name

	return first
}

// IsAbandoned reports whether this run has removed the workspace from state under
// that name.
func (inv *Inventory) IsAbandoned(name string, id int64) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	abandoned, ok := inv.abandoned[id]

	return ok && abandoned == name
}
