package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// noDirectories are the answers of instances that have no directory for the account.
func noDirectories() map[string]*wallaroo.Error {
	kind := func(kind wallaroo.Kind, status int) *wallaroo.Error {
		return &wallaroo.Error{Kind: kind, Status: status, Message: "odd"}
	}

	return map[string]*wallaroo.Error{
		"400":               answered(http.StatusBadRequest, "no"),
		"401":               answered(http.StatusUnauthorized, "no"),
		"403":               answered(http.StatusForbidden, "no"),
		"404":               answered(http.StatusNotFound, "no such endpoint"),
		"404 without words": answered(http.StatusNotFound, ""),
		"405":               answered(http.StatusMethodNotAllowed, ""),
		"500":               answered(http.StatusInternalServerError, "no"),
		"501":               answered(http.StatusNotImplemented, ""),
		"{}":                kind(wallaroo.KindMalformed, http.StatusOK),
		"HTML":              kind(wallaroo.KindHTML, http.StatusOK),
		"closed":            stopped(errors.New("EOF")),
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		users, err := inv.Users(t.Context())
		noErr(t, err)
		same(t, "users", users, f.users)

		user, err := inv.UserByID(t.Context(), "u-cat")
		noErr(t, err)
		same(t, "user", user, f.users["u-cat"])

		for _, id := range []string{"u-eve", "cat", ""} {
			_, err = inv.UserByID(t.Context(), id)
			isErr(t, err, inventory.ErrNoSuchUser)
		}

		same(t, "requests", f.count(queryUsers), 1)
	})
}

func TestUserByEmail(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		for _, user := range []wallaroo.User{
			{ID: "u-eve", Username: "Eve@Example.com", Email: "e.v@example.com"},
			{ID: "u-fay", Username: "cat@example.com", Email: "Fay@Example.com"},
			{ID: "u-gil-2", Username: "gil2", Email: "gil@example.com"},
			{ID: "u-gil-1", Username: "gil1", Email: "GIL@example.com"},
			{ID: "u-gil-0", Username: "gil@example.com"},
			{ID: "u-none"},
		} {
			f.users[user.ID] = user
		}

		for email, want := range map[string]string{
			"bob@example.com": "u-bob",
			"BOB@Example.COM": "u-bob",
			"fay@example.com": "u-fay",
			"cat@example.com": "u-cat", // an email goes before a username
			"eve@example.com": "u-eve", // by username
			"ROOT":            "u-root",
		} {
			user, err := inv.UserByEmail(t.Context(), email)
			noErr(t, err)
			same(t, email, user.ID, want)
		}

		for _, email := range []string{"nobody@example.com", ""} {
			_, err := inv.UserByEmail(t.Context(), email)
			isErr(t, err, inventory.ErrNoSuchUser)
		}

		_, err := inv.UserByEmail(t.Context(), "Gil@example.com")
		same(t, "error", *as[*inventory.AmbiguousUserError](t, err), inventory.AmbiguousUserError{Email: "Gil@example.com", IDs: []string{"u-gil-1", "u-gil-2"}})
	})
}

func TestDirectory_none(t *testing.T) {
	t.Parallel()

	for name, refused := range noDirectories() {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(queryUsers, inTurn(refused))

			_, err := inv.Users(t.Context())
			isErr(t, err, inventory.ErrNoDirectory)
			isErr(t, err, refused)

			_, err = inv.UserByID(t.Context(), "u-bob")
			isErr(t, err, inventory.ErrNoDirectory)

			_, err = inv.UserByEmail(t.Context(), "bob@example.com")
			isErr(t, err, inventory.ErrNoDirectory)

			// It blocks neither adding nor removing.
			_, err = ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
			noErr(t, err)

			removal, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))
			noErr(t, err)
			same(t, "removal", removal, inventory.Removed)
			same(t, "requests", f.count(queryUsers), 1)
			same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-cat": roleCollaborator})
		})
	}
}

// Somebody authenticates, so a directory without users is none.
func TestDirectory_empty(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		clear(f.users)

		_, err := inv.UserByID(t.Context(), "u-bob")
		isErr(t, err, inventory.ErrNoDirectory)
		same(t, "error", err.Error(), inventory.ErrNoDirectory.Error()+": the API returned no users")
	})
}

// These say nothing about the directory.
func TestDirectory_failing(t *testing.T) {
	t.Parallel()

	authentication := answered(http.StatusUnauthorized, "wrong password")
	authentication.Authentication = true

	for name, failed := range map[string]error{
		"429":            answered(http.StatusTooManyRequests, ""),
		"503":            unavailable(),
		"authentication": authentication,
		"timed out":      stopped(context.DeadlineExceeded),
		"other":          errors.New("odd"),
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(queryUsers, fail(failed))
			inv.LearnUser("bob@example.com", "u-bob")

			_, users := inv.Users(t.Context())
			_, user := inv.UserByEmail(t.Context(), "bob@example.com")
			_, found := inv.FindUserByID(t.Context(), "u-bob")
			_, member := ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
			_, byID := ensure(t.Context(), inv, 7, byID("u-cat"), roleCollaborator)
			_, set := inv.SetMembers(t.Context(), 7, set(owners(email("cat"))))

			for _, err := range []error{users, user, found, member, byID, set} {
				isErr(t, err, failed)

				if errors.Is(err, inventory.ErrNoDirectory) {
					t.Errorf("a failing directory counts as none: %v", err)
				}
			}

			same(t, "writes", len(f.writes()), 0)
			f.setBefore(queryUsers, nil)

			_, err := ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
			noErr(t, err)
		})
	}
}

// A directory that has answered exists: when it fails later, that is not for long.
func TestDirectory_failsLater(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := inv.Users(t.Context())
		noErr(t, err)
		time.Sleep(10 * time.Second)

		refused := answered(http.StatusInternalServerError, "database gone")
		f.setBefore(queryUsers, fail(refused))

		_, err = inv.FindUserByEmail(t.Context(), "cat@example.com")
		isErr(t, err, inventory.ErrNoDirectory)
		isErr(t, err, refused)

		// Who is added meanwhile is told by the members.
		got, err := ensure(t.Context(), inv, 7, email("cat"), roleOwner)
		noErr(t, err)
		same(t, "account", got.Account, inventory.Account{ID: "u-cat", Email: "cat@example.com", Verified: true})
		f.setBefore(queryUsers, nil)

		user, err := inv.FindUserByEmail(t.Context(), "dan@example.com")
		noErr(t, err)
		same(t, "user", user, f.users["u-dan"])
	})
}

// An instance without a directory is asked once in five seconds, for data sources.
func TestDirectory_noneIsKept(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()

		for range 3 {
			for range 100 {
				_, err := inv.FindUserByEmail(t.Context(), "cat@example.com")
				isErr(t, err, inventory.ErrNoDirectory)
			}

			time.Sleep(6 * time.Second)
		}

		same(t, "requests", f.count(queryUsers), 3)
	})
}

// What this run and the access token know of an email counts where nothing else does.
func TestUserByEmail_known(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		inv.LearnUser("Eve@example.com", "u-eve")

		for address, want := range map[string]string{"eve@EXAMPLE.com": "u-eve", "Ann@example.com": "u-ann"} {
			for _, find := range []func(context.Context, string) (wallaroo.User, error){inv.UserByEmail, inv.FindUserByEmail} {
				user, err := find(t.Context(), address)
				noErr(t, err)
				same(t, "user", user, wallaroo.User{ID: want, Email: address, Enabled: true})
			}
		}

		_, err := inv.UserByEmail(t.Context(), "fay@example.com")
		isErr(t, err, inventory.ErrNoDirectory)
	})
}

// A token without a user ID, or without an email, says nothing of an email.
func TestUserByEmail_tokenSaysTooLittle(t *testing.T) {
	t.Parallel()

	for name, caller := range map[string]wallaroo.CurrentUser{"no ID": {Email: "ann@example.com"}, "no email": {UserID: "u-ann"}} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			f.caller = caller

			_, err := inv.UserByEmail(t.Context(), "ann@example.com")
			isErr(t, err, inventory.ErrNoDirectory)
			inv.LearnUser("ann@example.com", "u-ann")

			user, err := inv.UserByEmail(t.Context(), "ann@example.com")
			noErr(t, err)
			same(t, "ID", user.ID, "u-ann")
		})
	}
}

// age reads users until one is found, after the directory was read and then changed.
func TestFindUser_age(t *testing.T) {
	t.Parallel()

	finds := map[string]func(context.Context, *inventory.Inventory, string) (wallaroo.User, error){
		"by ID": func(ctx context.Context, inv *inventory.Inventory, name string) (wallaroo.User, error) {
			return inv.FindUserByID(ctx, "u-"+name)
		},
		"by email": func(ctx context.Context, inv *inventory.Inventory, name string) (wallaroo.User, error) {
			return inv.FindUserByEmail(ctx, name+"@example.com")
		},
	}

	for name, find := range finds {
		for title, c := range map[string]struct {
			user     string
			age      time.Duration
			applying bool
			reads    int
			isNew    bool
		}{
			"hit":                    {"bob", 5 * time.Second, false, 0, false},
			"hit, too old":           {"bob", 5*time.Second + 1, false, 1, false},
			"miss":                   {"eve", time.Second, false, 0, false},
			"miss, too old":          {"eve", time.Second + 1, false, 1, true},
			"hit during an apply":    {"bob", 1, true, 1, false},
			"miss during an apply":   {"eve", 1, true, 1, true},
			"nobody":                 {"fay", 2 * time.Second, false, 1, false},
			"nobody during an apply": {"fay", time.Second, true, 1, false},
		} {
			runCase(t, name+" "+title, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.latency = 0

				_, err := inv.Users(t.Context())
				noErr(t, err)
				f.setUser("u-eve", "eve")

				if c.applying {
					inv.Abandon("old", 1)
				}

				time.Sleep(c.age)

				user, err := find(t.Context(), inv, c.user)
				same(t, "user", user, map[bool]wallaroo.User{true: f.users["u-"+c.user]}[c.user == "bob" || c.isNew])
				same(t, "found", err == nil, c.user == "bob" || c.isNew)
				same(t, "reads", f.count(queryUsers), 1+c.reads)
			})
		}
	}
}

// A plan shares one read however long it takes. While it is applied, somebody who was
// missing is looked up again.
func TestUserByEmail_age(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := inv.UserByEmail(t.Context(), "eve@example.com")
		isErr(t, err, inventory.ErrNoSuchUser)
		f.setUser("u-eve", "eve")
		time.Sleep(time.Hour)

		_, err = inv.UserByEmail(t.Context(), "eve@example.com")
		isErr(t, err, inventory.ErrNoSuchUser)
		same(t, "reads of a plan", f.count(queryUsers), 1)
		inv.Abandon("old", 1)

		for _, find := range []func() (wallaroo.User, error){
			func() (wallaroo.User, error) { return inv.UserByID(t.Context(), "u-eve") },
			func() (wallaroo.User, error) { return inv.UserByEmail(t.Context(), "eve@example.com") },
		} {
			user, err := find()
			noErr(t, err)
			same(t, "user", user.ID, "u-eve")
		}

		same(t, "checks", f.checks(), [][]string{{"u-eve"}})
		same(t, "reads", f.count(queryUsers), 3)
	})
}

func TestUsers_age(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.latency = 0

		for _, c := range []struct {
			after time.Duration
			reads int
		}{{0, 1}, {5 * time.Second, 1}, {1, 2}} {
			time.Sleep(c.after)

			_, err := inv.Users(t.Context())
			noErr(t, err)
			same(t, "reads", f.count(queryUsers), c.reads)
		}
	})
}

// Workspaces for a data source are current too.
func TestFindWorkspaces_age(t *testing.T) {
	t.Parallel()

	for title, c := range map[string]struct {
		name     string
		age      time.Duration
		applying bool
		lists    int
		want     []int64
	}{
		"hit":                  {"web", 5 * time.Second, false, 0, []int64{7}},
		"hit, too old":         {"web", 5*time.Second + 1, false, 1, []int64{7, 8}},
		"miss":                 {"new", time.Second, false, 0, nil},
		"miss, too old":        {"new", time.Second + 1, false, 1, []int64{3}},
		"hit during an apply":  {"web", 1, true, 1, []int64{7, 8}},
		"miss during an apply": {"new", 1, true, 1, []int64{3}},
		"nothing":              {"old", 9 * time.Second, false, 1, nil},
	} {
		runCase(t, title, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.latency = 0

			_, err := inv.Workspaces(t.Context())
			noErr(t, err)
			f.addWorkspace(3, "new")
			f.addWorkspace(8, "web")

			if c.applying {
				inv.Abandon("old", 1)
			}

			time.Sleep(c.age)

			found, err := inv.FindWorkspaces(t.Context(), func(w wallaroo.Workspace) bool { return w.Name == c.name })
			same(t, "found", ids(found), c.want)
			same(t, "lists", f.count(listWorkspaces), 1+c.lists)

			if c.want == nil {
				isErr(t, err, inventory.ErrNotAccessible)
			}
		})
	}
}

func TestFindWorkspaces_fails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		failed := unavailable()
		f.setBefore(listWorkspaces, fail(failed))

		_, err := inv.FindWorkspaces(t.Context(), func(wallaroo.Workspace) bool { return true })
		isErr(t, err, failed)
	})
}

func TestCurrent_age(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		op   op
		read func(context.Context, *inventory.Inventory) (int, error)
	}{
		"workspaces": {listWorkspaces, func(ctx context.Context, inv *inventory.Inventory) (int, error) {
			list, err := inv.CurrentWorkspaces(ctx)

			return len(list), err
		}},
		"members": {listMembers, func(ctx context.Context, inv *inventory.Inventory) (int, error) {
			members, err := inv.CurrentMembers(ctx, 7)

			return len(members), err
		}},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.latency = 0
			before := func() {}

			for _, step := range []struct {
				before      func()
				after       time.Duration
				want, reads int
			}{
				{before, 0, 2, 1},
				{func() { f.addWorkspace(3, "new"); f.join(7, collaborator("u-cat")) }, 5 * time.Second, 2, 1},
				{before, 1, 3, 2},
				{func() { inv.Abandon("old", 1) }, 1, 3, 3},
			} {
				step.before()
				time.Sleep(step.after)

				n, err := c.read(t.Context(), inv)
				noErr(t, err)
				same(t, "found", n, step.want)
				same(t, "reads", f.count(c.op), step.reads)
			}
		})
	}
}
