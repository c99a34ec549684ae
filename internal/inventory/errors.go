package inventory

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	// ErrNotVisible means that the instance lists workspaces, but not this one:
	// it is gone, or the account has no access.
	ErrNotVisible = errors.New("the instance does not list the workspace for this account")

	// ErrNothingVisible means that the instance lists no workspace at all. Every
	// account has a default workspace, so this says nothing about one of them.
	ErrNothingVisible = errors.New("the instance lists no workspace at all for this account")

	// ErrNothingToAdopt means that no visible workspace has the name that a create
	// may only take over.
	ErrNothingToAdopt = errors.New("no workspace of this name is visible to this account")

	// ErrNoSuchUser means that the user directory has no such user.
	ErrNoSuchUser = errors.New("no user of the instance has this e-mail")

	// ErrNoDirectory means that the account may not read the user directory, so
	// an e-mail cannot be joined with a user id.
	ErrNoDirectory = errors.New("the user directory cannot be read by this account")

	// ErrLastOwner means that a change would leave a workspace without an owner.
	ErrLastOwner = errors.New("the user is the last owner of the workspace")

	// ErrRoleKept means that the instance accepted another role and kept the old.
	ErrRoleKept = errors.New("the instance accepted the change but kept the old role")

	// ErrNotListed means that the instance accepted a member and does not list it.
	ErrNotListed = errors.New("the instance accepted the member but does not list it")

	// ErrUserUnclear means that an e-mail was added without the directory and the
	// member lists before and after do not tell whose it is.
	ErrUserUnclear = errors.New("the member list does not tell which user has this e-mail")
)

// NameTakenError means that a workspace could not be created because its name is
// in use.
type NameTakenError struct {
	Name string
	// IDs are the visible workspaces of that name. None: it is hidden from this
	// account.
	IDs []int64
	// ByThisRun is true when another resource of this run made or adopted it.
	ByThisRun bool
	// Err is what the instance answered, if it was asked.
	Err error
}

func (e *NameTakenError) Error() string {
	if len(e.IDs) == 0 {
		return fmt.Sprintf("the workspace name %q is taken: %v", e.Name, e.Err)
	}

	return fmt.Sprintf("the workspace name %q is taken by %s", e.Name, describeIDs(e.IDs))
}

func (e *NameTakenError) Unwrap() error { return e.Err }

// LostCreateError means that a create got no usable answer, and that looking at
// the instance did not find one workspace that must be its outcome.
type LostCreateError struct {
	Name string
	// Looked is true when the instance could be looked at afterwards.
	Looked bool
	// Candidates are workspaces of that name which came up meanwhile, but which
	// cannot be told to be this create's.
	Candidates []int64
	// Err is the failed create.
	Err error
}

func (e *LostCreateError) Error() string {
	switch {
	case len(e.Candidates) > 0:
		return fmt.Sprintf("%v; meanwhile %s came up with the name %q", e.Err, describeIDs(e.Candidates), e.Name)
	case e.Looked:
		return fmt.Sprintf("%v; the instance lists no workspace %q", e.Err, e.Name)
	default:
		return fmt.Sprintf("%v; whether the workspace %q was created could not be looked up", e.Err, e.Name)
	}
}

func (e *LostCreateError) Unwrap() error { return e.Err }

// SeveralUsersError means that an e-mail belongs to more than one account.
type SeveralUsersError struct {
	Email string
	IDs   []string
}

func (e *SeveralUsersError) Error() string {
	return fmt.Sprintf("%d users of the instance have the e-mail %q: %s", len(e.IDs), e.Email, strings.Join(e.IDs, ", "))
}

func describeIDs(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}

	if len(words) == 1 {
		return "workspace " + words[0]
	}

	return "workspaces " + strings.Join(words, ", ")
}

func isAmbiguous(err error) bool {
	var failed *wallaroo.Error

	return errors.As(err, &failed) && failed.Ambiguous
}

// isAnswer tells an error that the instance itself worded from one that came on
// the way to it.
func isAnswer(err error, statuses ...int) bool {
	var failed *wallaroo.Error
	if !errors.As(err, &failed) || failed.Authentication || failed.Kind != wallaroo.KindAnswer || failed.Message == "" {
		return false
	}

	for _, status := range statuses {
		if failed.Status == status {
			return true
		}
	}

	return false
}

// saysTaken recognises the ways in which an instance may word a used name. It
// only ever keeps a create from being mistaken for an own one, so a wording that
// it misses costs nothing but a clearer message.
func saysTaken(err error) bool {
	var failed *wallaroo.Error
	if !errors.As(err, &failed) || !isAnswer(err, http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusInternalServerError) {
		return false
	}

	// The error's whole text holds a request id too, which may be any words.
	words := strings.ToLower(failed.Message)
	for _, sign := range []string{"uniqueness", "unique", "duplicate", "already exist", "already in use", "already taken"} {
		if strings.Contains(words, sign) {
			return true
		}
	}

	return false
}
