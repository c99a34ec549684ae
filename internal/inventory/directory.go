package inventory

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// userIndex is the directory of the instance's accounts, or a part of it, at one moment,
// ready to be joined with members.
type userIndex struct {
	began   time.Time // when the response was asked for
	byID    map[string]wallaroo.User
	byEmail map[string][]string // user IDs by lower-case email
	byName  map[string]string   // user ID by lower-case username
	missing error               // why there is no directory for this account
	// hasEmails is false if the users have neither emails nor names that are emails: the
	// list of an instance may hold no more than IDs.
	hasEmails bool
}

func newUserIndex(began time.Time, byID map[string]wallaroo.User) *userIndex {
	u := &userIndex{began: began, byID: byID, byEmail: map[string][]string{}, byName: map[string]string{}}

	for id, user := range byID {
		if user.Email != "" {
			key := strings.ToLower(user.Email)
			u.byEmail[key] = append(u.byEmail[key], id)
		}

		if user.Username != "" {
			u.byName[strings.ToLower(user.Username)] = id
		}

		u.hasEmails = u.hasEmails || user.Email != "" || strings.Contains(user.Username, "@")
	}

	for _, ids := range u.byEmail {
		slices.Sort(ids)
	}

	return u
}

// userQuery names one account, by ID or else by email.
type userQuery struct{ id, email string }

// find returns the account, [ErrNoSuchUser], [ErrNoDirectory] or an
// [*AmbiguousUserError]. An email is found in any letter case, or else as a username:
// accounts of the instance are named by email.
func (u *userIndex) find(q userQuery) (wallaroo.User, error) {
	if u.missing != nil {
		return wallaroo.User{}, u.missing
	}

	id, key := q.id, strings.ToLower(q.email)

	if key != "" && !u.hasEmails {
		return wallaroo.User{}, fmt.Errorf("%w: the API returned users without emails", ErrNoDirectory)
	}

	if key != "" {
		switch ids := u.byEmail[key]; len(ids) {
		case 0:
			id = u.byName[key]
		case 1:
			id = ids[0]
		default:
			return wallaroo.User{}, &AmbiguousUserError{Email: q.email, IDs: ids}
		}
	}

	user, ok := u.byID[id]
	if !ok {
		return wallaroo.User{}, ErrNoSuchUser
	}

	return user, nil
}

// directory reads the instance's accounts. Reads of a plan share one response. What is
// written needs a newer one, since others change accounts while a run goes on.
type directory struct {
	api   API
	clock Clock
	all   *cache[*userIndex]
	some  *cache[struct{}] // reads the pending into checked

	mu      sync.Mutex // guards what follows
	pending map[string]bool
	checked map[string]checkedUser
}

// checkedUser is the last response for one ID. Without an account, it is not found.
type checkedUser struct {
	began time.Time
	user  wallaroo.User
	found bool
}

func newDirectory(api API, clock Clock) *directory {
	d := &directory{api: api, clock: clock, pending: map[string]bool{}, checked: map[string]checkedUser{}}
	d.all = newCache(clock, d.fetch)
	d.some = newCache(clock, d.fetchPending)

	return d
}

// fetch keeps that there is no directory: it does not change during a run. One that
// has answered before only fails.
func (d *directory) fetch(ctx context.Context) (*userIndex, error) {
	began := d.clock.Now()

	byID, err := d.api.Users(ctx)
	if err == nil && len(byID) == 0 {
		// Somebody authenticates, so an empty response is not the truth.
		err = fmt.Errorf("%w: the API returned no users", ErrNoDirectory)
	} else if wallaroo.IsNoDirectory(err) {
		err = fmt.Errorf("%w: %w", ErrNoDirectory, err)
	}

	before, _ := d.all.peek()
	answered := before != nil && before.missing == nil

	switch {
	case err == nil:
		return newUserIndex(began, byID), nil
	case errors.Is(err, ErrNoDirectory) && !answered:
		return &userIndex{missing: err}, nil
	default:
		return nil, err
	}
}

// fetchPending reads the accounts that calls of check wait for.
func (d *directory) fetchPending(ctx context.Context) (struct{}, error) {
	d.mu.Lock()
	began, ids := d.clock.Now(), slices.Sorted(maps.Keys(d.pending))
	clear(d.pending)
	d.mu.Unlock()

	if len(ids) == 0 {
		return struct{}{}, nil
	}

	found, err := d.api.Users(ctx, ids...)
	if err != nil {
		return struct{}{}, err
	}

	d.mu.Lock()
	defer d.mu.Unlock()

	for _, id := range ids {
		user, ok := found[id]
		d.checked[id] = checkedUser{began: began, user: user, found: ok}
	}

	return struct{}{}, nil
}

// check returns the accounts of ids, or more, from responses that began after since.
// Calls at about the same time share one.
func (d *directory) check(ctx context.Context, since time.Time, ids ...string) (*userIndex, error) {
	get := d.some.getGathered
	if len(ids) > 1 {
		get = d.some.getSince // gathered by the caller
	}

	for len(ids) <= maxCheckedUsers {
		checked := d.checkedSince(since, ids)
		if checked != nil {
			return checked, nil
		}

		if _, err := get(ctx, anytime); err != nil {
			break
		}
	}

	return d.all.getGathered(ctx, since)
}

// checkedSince returns the accounts of ids, or nil and has the missing ones read.
func (d *directory) checkedSince(since time.Time, ids []string) *userIndex {
	d.mu.Lock()
	defer d.mu.Unlock()

	byID, complete := map[string]wallaroo.User{}, true

	for _, id := range ids {
		checked, ok := d.checked[id]

		switch {
		case !ok || checked.began.Before(since):
			d.pending[id], complete = true, false
		case checked.found:
			byID[id] = checked.user
		}
	}

	if complete {
		return newUserIndex(since, byID)
	}

	d.some.invalidate(nil)

	return nil
}

// find looks an account up in a response that began after since, with the smallest
// request that does: none, the account alone, or the whole directory.
func (d *directory) find(ctx context.Context, since time.Time, q userQuery) (wallaroo.User, error) {
	all, err := d.all.get(ctx)
	if err != nil {
		return wallaroo.User{}, err
	}

	user, err := all.find(q)
	if all.missing != nil || !all.began.Before(since) {
		return user, err
	}

	// Who was found by username may not be found so any more.
	id := q.id
	if q.email != "" && strings.EqualFold(user.Email, q.email) {
		id = user.ID
	}

	if id != "" {
		checked, err := d.check(ctx, since, id)
		if err != nil {
			return wallaroo.User{}, err
		}

		if user, err = checked.find(q); err == nil || q.id != "" {
			return user, err
		}
	}

	if all, err = d.all.getGathered(ctx, since); err != nil {
		return wallaroo.User{}, err
	}

	return all.find(q)
}

// existing returns those of ids that have an account, by a response that began after
// since. It fails with [ErrNoDirectory].
func (d *directory) existing(ctx context.Context, since time.Time, ids []string) ([]string, error) {
	all, err := d.all.get(ctx)
	if err == nil && all.missing == nil && all.began.Before(since) {
		all, err = d.check(ctx, since, ids...)
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
	all, err := recent(ctx, inv, inv.directory.all, inv.clock.Now(), maxDataAge)
	if err != nil {
		return nil, err
	}

	return all.byID, all.missing
}

// UserByID returns the account with that ID as the reads of a plan share it. It fails
// with [ErrNoSuchUser] or [ErrNoDirectory].
func (inv *Inventory) UserByID(ctx context.Context, id string) (wallaroo.User, error) {
	return inv.planUser(ctx, userQuery{id: id})
}

// UserByEmail returns the account with that email as the reads of a plan share it. It
// fails with [ErrNoSuchUser], an [*AmbiguousUserError] or, where the email cannot be
// joined with an ID in another way either, [ErrNoDirectory].
func (inv *Inventory) UserByEmail(ctx context.Context, email string) (wallaroo.User, error) {
	user, err := inv.planUser(ctx, userQuery{email: email})

	return inv.orKnownUser(ctx, email, user, err)
}

// FindUserByID is [Inventory.UserByID] for a data source, which other resources may
// have to be applied before.
func (inv *Inventory) FindUserByID(ctx context.Context, id string) (wallaroo.User, error) {
	return inv.dataUser(ctx, userQuery{id: id})
}

// FindUserByEmail is [Inventory.UserByEmail] for a data source.
func (inv *Inventory) FindUserByEmail(ctx context.Context, email string) (wallaroo.User, error) {
	user, err := inv.dataUser(ctx, userQuery{email: email})

	return inv.orKnownUser(ctx, email, user, err)
}

// planUser looks up a user. During an apply a miss is looked up again: the account
// may just have been created.
func (inv *Inventory) planUser(ctx context.Context, q userQuery) (wallaroo.User, error) {
	since := inv.clock.Now()

	user, err := inv.directory.find(ctx, anytime, q)
	if inv.applying.Load() && errors.Is(err, ErrNoSuchUser) {
		return inv.directory.find(ctx, since, q)
	}

	return user, err
}

// dataUser looks up a user for a data source. A miss is believed for less long.
func (inv *Inventory) dataUser(ctx context.Context, q userQuery) (user wallaroo.User, err error) {
	now := inv.clock.Now()
	if inv.applying.Load() {
		return inv.directory.find(ctx, now, q)
	}

	for _, age := range []time.Duration{maxDataAge, maxMissAge} {
		var all *userIndex
		if all, err = inv.directory.all.getSince(ctx, now.Add(-age)); err != nil {
			return wallaroo.User{}, err
		}

		if user, err = all.find(q); !errors.Is(err, ErrNoSuchUser) {
			break
		}
	}

	return user, err
}
