package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// UserRef names a user as a configuration does. It holds a user ID, an email, or
// both, which must then name one user; or a name that is one of the two.
type UserRef struct {
	UserID string
	Email  string
	// Name is a user ID or an email. IDs of federated accounts can look like emails.
	Name string
	// LastID is the user that the email or the name meant when that was known. It
	// counts where nothing else says whom it means now.
	LastID string
	// LastEmail is the email that the user ID had when that was known. Where the
	// directory knows neither, requests name the user by it.
	LastEmail string
}

// String returns the name that a person would give the user.
func (r UserRef) String() string {
	switch {
	case r.Email != "":
		return fmt.Sprintf("%q", r.Email)
	case r.Name != "":
		return fmt.Sprintf("%q", r.Name)
	default:
		return fmt.Sprintf("user %q", r.UserID)
	}
}

// Account is the user that a [UserRef] names.
type Account struct {
	ID string
	// Email is the account's current email, or the one that it was named by.
	Email string
	// Verified is false when nothing says that the given email is the user's.
	Verified bool
}

// anytime accepts the response that the reads of a plan share.
var anytime time.Time

// ResolveUser returns the user that ref names, by the reads that a plan shares. A
// workspaceID of 0 means that the workspace is not known.
//
// It fails with [ErrNoSuchUser] or [ErrNoDirectory] when nothing says who has the
// email, a [*UserMismatchError] or an [*AmbiguousUserError]. The account of an ID
// need not exist.
func (inv *Inventory) ResolveUser(ctx context.Context, workspaceID int64, ref UserRef) (Account, error) {
	return inv.resolve(ctx, inv.knownMembers(workspaceID), ref, anytime)
}

// resolve is ResolveUser by responses that began after since. Who has an email is
// asked in this order: the directory, the member list, the access token, what this
// run has learned, and whom the email meant before.
func (inv *Inventory) resolve(ctx context.Context, w *workspaceMembers, ref UserRef, since time.Time) (Account, error) {
	if ref.Name != "" && (!strings.Contains(ref.Name, "@") || inv.isUserID(ctx, w, ref.Name)) {
		return inv.accountOf(ctx, w, ref.Name, since)
	}

	if ref.Email+ref.Name == "" {
		account, err := inv.accountOf(ctx, w, ref.UserID, since)
		if err == nil && account.Email == "" && ref.LastEmail != "" {
			account.Email, err = inv.ifNobodyElses(ctx, since, ref.LastEmail)
		}

		return account, err
	}

	ref.Email = cmp.Or(ref.Email, ref.Name)

	user, missing := inv.directory.find(ctx, since, userQuery{email: ref.Email})
	if missing != nil && !isUnresolved(missing) {
		return Account{}, missing
	}

	if missing != nil && inv.isUserID(ctx, w, ref.Name) {
		return inv.accountOf(ctx, w, ref.Name, since) // which was created since the first look
	}

	id := user.ID
	if missing != nil {
		id = inv.knownID(ctx, w, ref.Email)
	}

	switch {
	case id != "" && ref.UserID != "" && id != ref.UserID:
		return Account{}, &UserMismatchError{Ref: ref, UserID: id}
	case id != "":
		return Account{ID: id, Email: cmp.Or(user.Email, ref.Email), Verified: true}, nil
	case ref.UserID != "":
		return Account{ID: ref.UserID, Email: ref.Email}, nil
	case ref.LastID != "":
		return Account{ID: ref.LastID, Email: ref.Email}, nil
	default:
		return Account{}, missing
	}
}

// isUnresolved reports whether an email could not be looked up, as opposed to a look-up
// that failed.
func isUnresolved(err error) bool {
	return errors.Is(err, ErrNoDirectory) || errors.Is(err, ErrNoSuchUser)
}

// isUserID reports whether a name is the ID of a member or of an account.
func (inv *Inventory) isUserID(ctx context.Context, w *workspaceMembers, name string) bool {
	if members, err := inv.membersOf(ctx, w); err == nil {
		if _, ok := findMember(members, name); ok {
			return true
		}
	}

	all, err := inv.directory.all.get(ctx)
	if err != nil {
		return false
	}

	_, ok := all.byID[name]

	return ok
}

// accountOf returns the account of a user ID, with its email as far as that is known.
func (inv *Inventory) accountOf(ctx context.Context, w *workspaceMembers, id string, since time.Time) (Account, error) {
	user, err := inv.directory.find(ctx, since, userQuery{id: id})
	if err != nil && !isUnresolved(err) {
		return Account{}, err
	}

	account := Account{ID: id, Email: user.Email, Verified: true}
	if err == nil {
		return account, nil
	}

	if members, err := inv.membersOf(ctx, w); err == nil {
		member, _ := findMember(members, id)
		account.Email = member.Email
	}

	return account, nil
}

// ifNobodyElses returns an email that the directory does not know, or else "".
func (inv *Inventory) ifNobodyElses(ctx context.Context, since time.Time, email string) (string, error) {
	_, err := inv.directory.find(ctx, since, userQuery{email: email})

	switch {
	case isUnresolved(err):
		return email, nil
	case err != nil:
		return "", err
	default:
		return "", nil
	}
}

// knownID returns who has an email by what can be known without a directory, or "".
func (inv *Inventory) knownID(ctx context.Context, w *workspaceMembers, email string) string {
	members, _ := inv.membersOf(ctx, w)

	for _, member := range members {
		if strings.EqualFold(member.Email, email) || strings.EqualFold(member.UserID, email) {
			return member.UserID
		}
	}

	if id, own := inv.ownAccount(ctx); id != "" && strings.EqualFold(own, email) {
		return id
	}

	inv.mu.Lock()
	defer inv.mu.Unlock()

	return inv.learnedUserIDs[strings.ToLower(email)]
}

// LearnUser remembers that an email is known to be a user's, for instances that have
// no directory.
func (inv *Inventory) LearnUser(email, userID string) {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	inv.learnedUserIDs[strings.ToLower(email)] = userID
}

// orKnownUser returns the user that was found, or whom the access token or this run
// know by the email.
func (inv *Inventory) orKnownUser(ctx context.Context, email string, user wallaroo.User, err error) (wallaroo.User, error) {
	if err == nil || !isUnresolved(err) {
		return user, err
	}

	id := inv.knownID(ctx, nil, email)
	if id == "" {
		return user, err
	}

	return wallaroo.User{ID: id, Email: email, Enabled: true}, nil
}
