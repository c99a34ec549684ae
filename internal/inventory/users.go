package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// directory is the instance's users, ready to be joined with members.
type directory struct {
	byID    map[string]wallaroo.User
	byEmail map[string][]string // user ids by lower-case e-mail
	byName  map[string]string   // user id by lower-case user name
	refused error               // why this account cannot read it
}

// Users returns all accounts of the directory by user id. It fails with
// [ErrNoDirectory] when the account may not read them.
func (inv *Inventory) Users(ctx context.Context) (map[string]wallaroo.User, error) {
	dir, err := inv.openDirectory(ctx)
	if err != nil {
		return nil, err
	}

	return dir.byID, nil
}

// UserByID returns the account with that id. It fails with [ErrNoSuchUser] or
// [ErrNoDirectory].
func (inv *Inventory) UserByID(ctx context.Context, id string) (wallaroo.User, error) {
	dir, err := inv.openDirectory(ctx)
	if err != nil {
		return wallaroo.User{}, err
	}

	user, ok := dir.byID[id]
	if !ok {
		return wallaroo.User{}, ErrNoSuchUser
	}

	return user, nil
}

// UserByEmail returns the account with that e-mail, in any letter case. Accounts
// whose user name is the e-mail count if no account has it as its e-mail.
//
// It fails with [ErrNoSuchUser], a [*SeveralUsersError] or, when the directory
// cannot be read and the run has not met the e-mail, [ErrNoDirectory].
func (inv *Inventory) UserByEmail(ctx context.Context, email string) (wallaroo.User, error) {
	dir, err := inv.openDirectory(ctx)
	if errors.Is(err, ErrNoDirectory) {
		return inv.userWithoutDirectory(ctx, email, err)
	}

	if err != nil {
		return wallaroo.User{}, err
	}

	key := strings.ToLower(email)

	switch ids := dir.byEmail[key]; len(ids) {
	case 0:
		if id, ok := dir.byName[key]; ok {
			return dir.byID[id], nil
		}

		return inv.metUser(email, ErrNoSuchUser)
	case 1:
		return dir.byID[ids[0]], nil
	default:
		return wallaroo.User{}, &SeveralUsersError{Email: email, IDs: ids}
	}
}

// Recall returns whom ref's e-mail names now or, where the directory does not know
// it, whom it named before: ref's id. It fails as [Inventory.UserByEmail] does.
func (inv *Inventory) Recall(ctx context.Context, ref UserRef) (string, error) {
	if ref.Email == "" {
		return ref.UserID, nil
	}

	user, err := inv.UserByEmail(ctx, ref.Email)
	if ref.UserID != "" && (errors.Is(err, ErrNoDirectory) || errors.Is(err, ErrNoSuchUser)) {
		return ref.UserID, nil
	}

	return user.ID, err
}

// userWithoutDirectory knows the caller and whom this run has added.
func (inv *Inventory) userWithoutDirectory(ctx context.Context, email string, refused error) (wallaroo.User, error) {
	caller, err := inv.api.Caller(ctx)
	if err != nil {
		return wallaroo.User{}, err
	}

	if caller.UserID != "" && strings.EqualFold(caller.Email, email) {
		return wallaroo.User{ID: caller.UserID, Username: caller.Username, Email: caller.Email, Enabled: true}, nil
	}

	return inv.metUser(email, refused)
}

// metUser knows whom this run has added by e-mail, without finding him in a directory.
func (inv *Inventory) metUser(email string, otherwise error) (wallaroo.User, error) {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	if id, ok := inv.met[strings.ToLower(email)]; ok {
		return wallaroo.User{ID: id, Email: email, Enabled: true}, nil
	}

	return wallaroo.User{}, otherwise
}

func (inv *Inventory) meet(email, userID string) {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	inv.met[strings.ToLower(email)] = userID
}

func (inv *Inventory) openDirectory(ctx context.Context) (*directory, error) {
	dir, err := inv.directory.get(ctx)
	if err != nil {
		return nil, err
	}

	return dir, dir.refused
}

// fetchDirectory keeps a refusal: it will not change during the run.
func (inv *Inventory) fetchDirectory(ctx context.Context) (*directory, error) {
	users, err := inv.api.Users(ctx)
	if isRefused(err) {
		return &directory{refused: fmt.Errorf("%w: %w", ErrNoDirectory, err)}, nil
	}

	if err != nil {
		return nil, err
	}

	return newDirectory(users), nil
}

func newDirectory(users map[string]wallaroo.User) *directory {
	dir := &directory{byID: users, byEmail: map[string][]string{}, byName: map[string]string{}}

	for id, user := range users {
		if user.Email != "" {
			key := strings.ToLower(user.Email)
			dir.byEmail[key] = append(dir.byEmail[key], id)
		}

		if user.Username != "" {
			dir.byName[strings.ToLower(user.Username)] = id
		}
	}

	for _, ids := range dir.byEmail {
		slices.SortFunc(ids, cmp.Compare[string])
	}

	return dir
}

func isRefused(err error) bool {
	var failed *wallaroo.Error
	if !errors.As(err, &failed) || failed.Authentication {
		return false
	}

	return failed.Status == http.StatusUnauthorized || failed.Status == http.StatusForbidden || failed.Status == http.StatusNotFound
}
