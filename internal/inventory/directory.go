package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	// maxMissAge is the age up to which a directory or a list is believed when it
	// does not have what a data source looks for.
	maxMissAge = time.Second
	// maxDataAge is the age up to which a data source shares a read.
	maxDataAge = 5 * time.Second
	// maxCheckedUsers is how many users are checked by their IDs. For more of them
	// the whole directory is the smaller request.
	maxCheckedUsers = 500
)

// users is the directory of the instance's accounts at one moment, ready to be joined
// with members.
type users struct {
	byID    map[string]wallaroo.User
	byEmail map[string][]string // user IDs by lower-case email
	byName  map[string]string   // user ID by lower-case username
	missing error               // why there is no directory for this account
}

func newUsers(byID map[string]wallaroo.User) *users {
	u := &users{byID: byID, byEmail: map[string][]string{}, byName: map[string]string{}}

	for id, user := range byID {
		if user.Email != "" {
			key := strings.ToLower(user.Email)
			u.byEmail[key] = append(u.byEmail[key], id)
		}

		if user.Username != "" {
			u.byName[strings.ToLower(user.Username)] = id
		}
	}

	for _, ids := range u.byEmail {
		slices.SortFunc(ids, cmp.Compare[string])
	}

	return u
}

// withID returns the account with that ID, [ErrNoSuchUser] or [ErrNoDirectory].
func (u *users) withID(id string) (wallaroo.User, error) {
	if u.missing != nil {
		return wallaroo.User{}, u.missing
	}

	user, ok := u.byID[id]
	if !ok {
		return wallaroo.User{}, ErrNoSuchUser
	}

	return user, nil
}

// withEmail returns the account with that email, in any letter case, or else the one
// that has it as its username: accounts of the instance are named by email. It fails
// with [ErrNoSuchUser], [ErrNoDirectory] or an [*AmbiguousUserError].
func (u *users) withEmail(email string) (wallaroo.User, error) {
	if u.missing != nil {
		return wallaroo.User{}, u.missing
	}

	key := strings.ToLower(email)

	switch ids := u.byEmail[key]; len(ids) {
	case 0:
		if id, ok := u.byName[key]; ok {
			return u.byID[id], nil
		}

		return wallaroo.User{}, ErrNoSuchUser
	case 1:
		return u.byID[ids[0]], nil
	default:
		return wallaroo.User{}, &AmbiguousUserError{Email: email, IDs: ids}
	}
}

// directory reads the instance's accounts. Reads of a plan share one answer. What is
// written needs a newer one, since others change accounts while a run goes on.
type directory struct {
	api   API
	all   *cache[*users]
	some  *cache[userCheck]
	clock Clock

	mu      sync.Mutex // guards pending
	pending map[string]bool
}

// userCheck is the answer for some IDs.
type userCheck struct {
	asked map[string]bool
	found map[string]wallaroo.User
}

func newDirectory(api API, clock Clock) *directory {
	d := &directory{api: api, clock: clock, pending: map[string]bool{}}
	d.all = newCache(clock, d.fetch)
	d.some = newCache(clock, d.fetchPending)

	return d
}

// fetch keeps that there is no directory: it does not change during a run.
func (d *directory) fetch(ctx context.Context) (*users, error) {
	byID, err := d.api.Users(ctx)
	if wallaroo.IsNoDirectory(err) {
		return &users{missing: fmt.Errorf("%w: %w", ErrNoDirectory, err)}, nil
	}

	if err != nil {
		return nil, err
	}

	if len(byID) == 0 {
		// Somebody authenticates, so an empty answer is not the truth.
		return &users{missing: fmt.Errorf("%w: the API returned no users", ErrNoDirectory)}, nil
	}

	return newUsers(byID), nil
}

func (d *directory) fetchPending(ctx context.Context) (userCheck, error) {
	d.mu.Lock()
	asked := d.pending
	d.pending = map[string]bool{}
	d.mu.Unlock()

	ids := make([]string, 0, len(asked))
	for id := range asked {
		ids = append(ids, id)
	}

	slices.Sort(ids)

	found, err := d.api.Users(ctx, ids...)

	return userCheck{asked: asked, found: found}, err
}

// check returns those of the users with ids who have an account, from an answer that
// began after since. Calls at about the same time share one.
func (d *directory) check(ctx context.Context, since time.Time, ids ...string) (map[string]wallaroo.User, error) {
	if len(ids) > maxCheckedUsers {
		all, err := d.all.getSince(ctx, since)
		if err != nil {
			return nil, err
		}

		return all.byID, all.missing
	}

	get := d.some.getGathered
	if len(ids) > 1 {
		get = d.some.getSince // gathered by the caller
	}

	d.mu.Lock()
	for _, id := range ids {
		d.pending[id] = true
	}
	d.mu.Unlock()

	checked, err := get(ctx, since)
	if err == nil && !covers(checked.asked, ids) {
		checked, err = get(ctx, d.clock.Now())
	}

	return checked.found, err
}

func covers(asked map[string]bool, ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { return !asked[id] })
}

// find looks a user up in an answer that began after since, with the smallest
// request that does: none, the user found before, or the whole directory.
func (d *directory) find(ctx context.Context, since time.Time, find func(*users) (wallaroo.User, error)) (wallaroo.User, error) {
	all, err := d.all.get(ctx)
	if err != nil {
		return wallaroo.User{}, err
	}

	user, err := find(all)
	if all.missing != nil || d.all.isSince(since) {
		return user, err
	}

	if err == nil {
		checked, failed := d.check(ctx, since, user.ID)
		if now, ok := checked[user.ID]; failed == nil && ok && strings.EqualFold(now.Email, user.Email) && now.Username == user.Username {
			return now, nil
		}
	}

	if all, err = d.all.getGathered(ctx, since); err != nil {
		return wallaroo.User{}, err
	}

	return find(all)
}

// existing returns those of ids that have an account, by an answer that began after
// since. It fails with [ErrNoDirectory].
func (d *directory) existing(ctx context.Context, since time.Time, ids []string) ([]string, error) {
	all, err := d.all.get(ctx)
	if err == nil && all.missing == nil && !d.all.isSince(since) {
		checked, failed := d.check(ctx, since, ids...)
		if failed == nil {
			all = &users{byID: checked}
		} else {
			all, err = d.all.getGathered(ctx, since)
		}
	}

	if err != nil {
		return nil, err
	}

	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, ok := all.byID[id]

		return !ok
	}), all.missing
}

// Users returns all accounts of the instance by user ID, for a data source. It fails
// with [ErrNoDirectory] when the account may not read them.
func (inv *Inventory) Users(ctx context.Context) (map[string]wallaroo.User, error) {
	all, err := inv.directory.all.getSince(ctx, inv.oldestData())
	if err != nil {
		return nil, err
	}

	return all.byID, all.missing
}

// UserByID returns the account with that ID as the reads of a plan share it. It fails
// with [ErrNoSuchUser] or [ErrNoDirectory].
func (inv *Inventory) UserByID(ctx context.Context, id string) (wallaroo.User, error) {
	return inv.planUser(ctx, func(all *users) (wallaroo.User, error) { return all.withID(id) })
}

// UserByEmail returns the account with that email as the reads of a plan share it. It
// fails with [ErrNoSuchUser], an [*AmbiguousUserError] or, where the email cannot be
// joined with an ID in another way either, [ErrNoDirectory].
func (inv *Inventory) UserByEmail(ctx context.Context, email string) (wallaroo.User, error) {
	user, err := inv.planUser(ctx, func(all *users) (wallaroo.User, error) { return all.withEmail(email) })

	return inv.orKnownUser(ctx, email, user, err)
}

// FindUserByID is [Inventory.UserByID] for a data source, which other resources may
// have to be applied before.
func (inv *Inventory) FindUserByID(ctx context.Context, id string) (wallaroo.User, error) {
	return inv.dataUser(ctx, func(all *users) (wallaroo.User, error) { return all.withID(id) })
}

// FindUserByEmail is [Inventory.UserByEmail] for a data source.
func (inv *Inventory) FindUserByEmail(ctx context.Context, email string) (wallaroo.User, error) {
	user, err := inv.dataUser(ctx, func(all *users) (wallaroo.User, error) { return all.withEmail(email) })

	return inv.orKnownUser(ctx, email, user, err)
}

// planUser looks up a user. During an apply a miss is looked up again: the account
// may just have been created.
func (inv *Inventory) planUser(ctx context.Context, find func(*users) (wallaroo.User, error)) (wallaroo.User, error) {
	since := inv.clock.Now()

	all, err := inv.directory.all.get(ctx)
	if err != nil {
		return wallaroo.User{}, err
	}

	user, err := find(all)
	if !inv.applying.Load() || !errors.Is(err, ErrNoSuchUser) {
		return user, err
	}

	return inv.findUserSince(ctx, since, find)
}

func (inv *Inventory) dataUser(ctx context.Context, find func(*users) (wallaroo.User, error)) (wallaroo.User, error) {
	user, err := inv.findUserSince(ctx, inv.oldestData(), find)
	if !errors.Is(err, ErrNoSuchUser) {
		return user, err
	}

	return inv.findUserSince(ctx, inv.oldestMiss(), find)
}

func (inv *Inventory) findUserSince(ctx context.Context, since time.Time, find func(*users) (wallaroo.User, error)) (wallaroo.User, error) {
	all, err := inv.directory.all.getSince(ctx, since)
	if err != nil {
		return wallaroo.User{}, err
	}

	return find(all)
}

// oldestData is when the read that a data source takes must not have begun before.
// During an apply that is now: a data source is read then because it depends on
// what is being applied.
func (inv *Inventory) oldestData() time.Time { return inv.oldest(maxDataAge) }

// oldestMiss is oldestData for a read that does not have what is looked for.
func (inv *Inventory) oldestMiss() time.Time { return inv.oldest(maxMissAge) }

func (inv *Inventory) oldest(age time.Duration) time.Time {
	if inv.applying.Load() {
		age = 0
	}

	return inv.clock.Now().Add(-age)
}
