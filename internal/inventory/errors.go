package inventory

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	// ErrNotAccessible means that the instance lists workspaces, but not this one:
	// it is gone, or the account has no access.
	ErrNotAccessible = errors.New("the workspace is not accessible to the authenticated account")

	// ErrNoWorkspaces means that the instance lists no workspace at all for an account
	// that must have a default workspace. This says nothing about one of them.
	ErrNoWorkspaces = errors.New("the API returned no workspaces for the authenticated account")

	// ErrNothingToAdopt means that no accessible workspace has the name that a create
	// may only adopt.
	ErrNothingToAdopt = errors.New("no workspace of this name is accessible to the authenticated account")

	// ErrNoSuchUser means that the directory has no such user.
	ErrNoSuchUser = errors.New("no user of the instance has this email")

	// ErrNoDirectory means that the instance has no directory that the account may
	// read, so an email cannot be joined with a user ID.
	ErrNoDirectory = errors.New("the users of the instance cannot be listed")

	// ErrEmailNeeded means that the instance did not add a user by ID, and that nothing
	// says the user's email.
	ErrEmailNeeded = errors.New("the instance did not add the user by ID, and the email of the user is not known")

	// ErrLastOwner means that a change would leave a workspace without an owner.
	ErrLastOwner = errors.New("the user is the last owner of the workspace")

	// ErrRoleKept means that the instance accepted another role and kept the old one.
	ErrRoleKept = errors.New("the instance kept the role that the member had")

	// ErrRolesIgnored means that the instance gave a new member another role than it
	// was asked for. The member was removed again.
	ErrRolesIgnored = errors.New("this instance does not set roles: it added the user with another role than requested, so the user was removed again")

	// ErrOwnerDemoted means that finding out whose an email is has cost a workspace its
	// last owner, because the instance does not set roles.
	ErrOwnerDemoted = errors.New("the user was the last owner, and the add has made the user a collaborator, because this instance does not set roles")

	// ErrNotListed means that the instance accepted a member and does not list it.
	ErrNotListed = errors.New("the instance accepted the member but does not list it")

	// ErrStillMember means that the instance accepted a removal and lists the member.
	ErrStillMember = errors.New("the instance accepted the removal but still lists the member")

	// ErrCurrentUserUnknown means that an owner who would be removed may be the account
	// that authenticates.
	ErrCurrentUserUnknown = errors.New("the access token does not say whose it is, so this owner may be the account that the provider authenticates with")

	// errMustRunAlone asks the caller to write while nothing else is written.
	errMustRunAlone = errors.New("the write must run alone")

	// errAlreadyMember means that a user who was to be added is a member, so that the
	// members must be looked at again.
	errAlreadyMember = errors.New("the user already is a member")

	// errOtherUser means that an email may have been another user's when it was
	// added.
	errOtherUser = errors.New("the email may be another user's")
)

// NameInUseError means that a workspace could not be created because its name is
// in use.
type NameInUseError struct {
	Name string
	// IDs are the accessible workspaces of that name. None: it is hidden from this
	// account.
	IDs []int64
	// ByThisRun is true when another resource of this run created or adopted it.
	ByThisRun bool
	// Err is the error of the instance, if a create was sent.
	Err error
}

func (e *NameInUseError) Error() string {
	if len(e.IDs) == 0 {
		return fmt.Sprintf("the workspace name %q is already in use: %v", e.Name, e.Err)
	}

	return fmt.Sprintf("the workspace name %q is already in use by %s", e.Name, describeIDs(e.IDs))
}

func (e *NameInUseError) Unwrap() error { return e.Err }

// UnknownOutcomeError means that a create got no usable response, and that looking at
// the instance did not find one workspace that must be its outcome.
type UnknownOutcomeError struct {
	Name string
	// Looked is true when the instance could be looked at afterwards.
	Looked bool
	// Candidates are workspaces of that name which appeared meanwhile, but which
	// cannot be determined to be this create's.
	Candidates []int64
	// Err is the failed create.
	Err error
}

func (e *UnknownOutcomeError) Error() string {
	switch {
	case len(e.Candidates) > 0:
		return fmt.Sprintf("%v; meanwhile %s appeared with the name %q", e.Err, describeIDs(e.Candidates), e.Name)
	case e.Looked:
		return fmt.Sprintf("%v; the instance lists no workspace %q", e.Err, e.Name)
	default:
		return fmt.Sprintf("%v; could not check whether the workspace %q was created", e.Err, e.Name)
	}
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// AmbiguousUserError means that an email belongs to more than one account.
type AmbiguousUserError struct {
	Email string
	IDs   []string
}

func (e *AmbiguousUserError) Error() string {
	return fmt.Sprintf("%d users of the instance have the email %q: %s", len(e.IDs), e.Email, strings.Join(e.IDs, ", "))
}

// UnidentifiedUserError means that a user is a member, or could not be made one, and
// that nothing says which member has the email.
type UnidentifiedUserError struct {
	Email string
	// Candidates are the IDs of the members that the user may be.
	Candidates []string
}

func (e *UnidentifiedUserError) Error() string {
	text := fmt.Sprintf("the API does not say which of the members has the email %q", e.Email)
	if len(e.Candidates) > 0 {
		text += ": it may be any of " + strings.Join(e.Candidates, ", ")
	}

	return text
}

// UserMismatchError means that an ID and an email do not name one user.
type UserMismatchError struct {
	Ref UserRef
	// UserID is the user who has the email.
	UserID string
}

func (e *UserMismatchError) Error() string {
	return fmt.Sprintf("the email %q belongs to the user %q, not to %q", e.Ref.Email, e.UserID, e.Ref.UserID)
}

// RoleConflictError means that two resources of one run want one user in two roles.
type RoleConflictError struct {
	Ref    UserRef
	UserID string
	// Roles are the role that was wanted first and the other one.
	Roles []wallaroo.Role
}

func (e *RoleConflictError) Error() string {
	name := UserRef{UserID: e.UserID}.String()
	if e.Ref.String() != name {
		name = fmt.Sprintf("%s (%s)", e.Ref, name)
	}

	return fmt.Sprintf("one resource wants %s as %s and another one as %s", name, e.Roles[0], e.Roles[1])
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
