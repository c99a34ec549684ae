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

// waits are the sums of the waits before the first, second, … look at a lost write.
func waits(looks int) time.Duration {
	return []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond, 7500 * time.Millisecond}[looks-1]
}

func TestLostCreate_found(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		for late, looks := range map[string]int{"at once": 1, "at the third look": 3, "at the fourth look": 4} {
			runCase(t, name+" "+late, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.late = looks - 1
				f.setAfter(createWorkspace, fail(failed))

				began := time.Now()

				created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
				noErr(t, err)
				same(t, "created", created, inventory.Created{Workspace: newWorkspace(20, "new"), CreateErr: failed})
				same(t, "creates", f.count(createWorkspace), 1)
				same(t, "lists", f.count(listWorkspaces), 1+looks)
				same(t, "waits", time.Since(began).Truncate(500*time.Millisecond), waits(looks))
				same(t, "managed", inv.IsManaged(20), true)
			})
		}
	}
}

// An instance that has answered is given less time than a cut connection.
func TestLostCreate_notFound(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(createWorkspace, inTurn(failed))

			began := time.Now()

			looks := 5
			if wallaroo.IsAPIError(failed) {
				looks = 4
			}

			_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			isErr(t, err, failed)
			same(t, "error", *as[*inventory.UnknownOutcomeError](t, err), inventory.UnknownOutcomeError{Name: "new", Looked: true, Err: failed})
			same(t, "creates", f.count(createWorkspace), 1)
			same(t, "lists", f.count(listWorkspaces), 1+looks)
			same(t, "waits", time.Since(began).Truncate(500*time.Millisecond), waits(looks))

			// It is safe to create it again.
			created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)
			noErr(t, created.CreateErr)
			same(t, "creates", f.count(createWorkspace), 2)
		})
	}
}

func TestLostCreate_createdBy(t *testing.T) {
	t.Parallel()

	id := wallaroo.CurrentUser{UserID: "u-ann"}
	full := wallaroo.CurrentUser{UserID: "u-ann", Email: "ann@example.com", Username: "ann"}

	for name, c := range map[string]struct {
		caller    wallaroo.CurrentUser
		createdBy string
		isOwn     bool
	}{
		"own ID":                          {full, "u-ann", true},
		"own email":                       {full, "Ann@Example.com", true},
		"own username":                    {full, "ann", true},
		"nothing":                         {full, "", true},
		"another ID":                      {full, "u-bob", false},
		"another email":                   {full, "bob@example.com", false},
		"own ID, no email known":          {id, "u-ann", true},
		"some email, own is not known":    {id, "bob@example.com", true},
		"another ID, no email known":      {id, "u-bob", false},
		"nothing, no email known":         {id, "", true},
		"only an email known, another":    {wallaroo.CurrentUser{Email: "ann@example.com"}, "u-bob", false},
		"only a username known, another":  {wallaroo.CurrentUser{Username: "ann"}, "u-bob", false},
		"somebody, the caller is unknown": {wallaroo.CurrentUser{}, "u-bob", true},
		"somebody, only a login known":    {wallaroo.CurrentUser{Login: "ann@example.com"}, "u-bob", true},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.caller = c.caller
			f.createdBy = c.createdBy
			f.setAfter(createWorkspace, fail(cut()))

			created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			same(t, "creates", f.count(createWorkspace), 1)
			same(t, "managed", inv.IsManaged(20), c.isOwn)
			same(t, "lists", f.count(listWorkspaces), 2)

			if c.isOwn {
				noErr(t, err)
				same(t, "ID", created.Workspace.ID, int64(20))

				return
			}

			foreign := as[*inventory.UnknownOutcomeError](t, err)
			same(t, "candidates", foreign.Candidates, []int64{20})
			same(t, "looked", foreign.Looked, true)
		})
	}
}

func TestLostCreate_callerFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.createdBy = "u-bob"
		f.setBefore(askCurrentUser, fail(answered(http.StatusUnauthorized, "")))
		f.setAfter(createWorkspace, fail(cut()))

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)
		same(t, "ID", created.Workspace.ID, int64(20))
	})
}

func TestLostCreate_several(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.setAfter(createWorkspace, func(context.Context, int) error {
			f.addWorkspace(30, "new")

			return cut()
		})

		_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		same(t, "candidates", as[*inventory.UnknownOutcomeError](t, err).Candidates, []int64{20, 30})
		same(t, "creates", f.count(createWorkspace), 1)
		same(t, "managed", inv.IsManaged(20) || inv.IsManaged(30), false)
	})
}

// What the run has already is no outcome of another create.
func TestLostCreate_foundManaged(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := inv.Create(t.Context(), "web", inventory.AdoptOnly)
		noErr(t, err)

		f.setBefore(createWorkspace, func(context.Context, int) error {
			f.change(func() { f.find(7).Name = "new" })

			return cut()
		})

		_, err = inv.Create(t.Context(), "new", inventory.AdoptNever)
		same(t, "candidates", as[*inventory.UnknownOutcomeError](t, err).Candidates, []int64{7})
	})
}

func TestLostCreate_listFails(t *testing.T) {
	t.Parallel()

	for name, lists := range map[string]hook{
		"always":   failFrom(2, unavailable()),
		"at first": inTurn(nil, unavailable(), unavailable()),
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setAfter(createWorkspace, fail(cut()))
			f.setBefore(listWorkspaces, lists)

			created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)

			if name == "at first" {
				noErr(t, err)
				same(t, "ID", created.Workspace.ID, int64(20))

				return
			}

			same(t, "looked", as[*inventory.UnknownOutcomeError](t, err).Looked, false)
			same(t, "creates", f.count(createWorkspace), 1)
			same(t, "lists", f.count(listWorkspaces), 6)
		})
	}
}

func TestLostCreate_outlivesCancellation(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.late = 2
		ctx, cancel := context.WithCancel(t.Context())

		f.setAfter(createWorkspace, func(context.Context, int) error {
			cancel()

			return cut()
		})

		created, err := inv.Create(ctx, "new", inventory.AdoptNever)
		noErr(t, err)
		same(t, "ID", created.Workspace.ID, int64(20))
	})
}

// No list but the first ever ends on its own.
func TestLostCreate_budget(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.latency = 0
		f.setAfter(createWorkspace, fail(cut()))
		f.setBefore(listWorkspaces, func(ctx context.Context, n int) error {
			if n == 1 {
				return nil
			}

			<-ctx.Done()

			return stopped(ctx.Err())
		})

		began := time.Now()
		_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		same(t, "looked", as[*inventory.UnknownOutcomeError](t, err).Looked, false)
		same(t, "time", time.Since(began), 30*time.Second)
	})
}

func TestFailedCreate_nameInUse(t *testing.T) {
	t.Parallel()

	words := func(status int, message string) *wallaroo.Error {
		failed := answered(status, message)
		failed.OutcomeUnknown = status >= 500

		return failed
	}
	// Somebody creates one between the first list and the create.
	meanwhile := func(f *fake) { f.addWorkspace(30, "new") }
	two := func(f *fake) { meanwhile(f); f.addWorkspace(31, "new") }

	for name, c := range map[string]struct {
		failed *wallaroo.Error
		change func(*fake)
		want   []int64
		inUse  bool
	}{
		"400, now accessible":              {words(400, "no"), meanwhile, []int64{30}, true},
		"422, now accessible":              {words(422, "no"), meanwhile, []int64{30}, true},
		"400, not accessible":              {words(400, "no"), nil, nil, false},
		"403, now accessible":              {words(403, "no"), meanwhile, nil, false},
		"400 without words, accessible":    {words(400, ""), meanwhile, []int64{30}, true},
		"409, not accessible":              {words(409, "conflict"), nil, nil, true},
		"409, now accessible":              {words(409, "no"), meanwhile, []int64{30}, true},
		"400 uniqueness":                   {nameInUse(400), nil, nil, true},
		"400 uniqueness, now accessible":   {nameInUse(400), meanwhile, []int64{30}, true},
		"422 already in use":               {words(422, "Name already in use"), nil, nil, true},
		"500 uniqueness":                   {outcomeUnknown(nameInUse(500)), nil, nil, true},
		"500 uniqueness, now accessible":   {outcomeUnknown(nameInUse(500)), meanwhile, []int64{30}, true},
		"500 uniqueness of two accessible": {outcomeUnknown(nameInUse(500)), two, []int64{30, 31}, true},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(createWorkspace, func(context.Context, int) error {
				if c.change != nil {
					c.change(f)
				}

				return c.failed
			})

			began := time.Now()
			created, err := inv.Create(t.Context(), "new", inventory.AdoptOrCreate)
			same(t, "created", created, inventory.Created{})
			same(t, "creates", f.count(createWorkspace), 1)
			same(t, "managed", inv.IsManaged(30), false)
			same(t, "waits", time.Since(began).Truncate(500*time.Millisecond), 0)

			if c.inUse {
				isInUse(t, err, inventory.NameInUseError{Name: "new", IDs: c.want, Err: c.failed})
			} else {
				same[error](t, "error", err, c.failed)
			}
		})
	}
}

// The API's words stand also when nothing can be looked up.
func TestFailedCreate_listFails(t *testing.T) {
	t.Parallel()

	for name, failed := range map[string]*wallaroo.Error{"uniqueness": nameInUse(400), "no words": answered(400, "no")} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(createWorkspace, fail(failed))
			f.setBefore(listWorkspaces, inTurn(nil, unavailable()))

			_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)

			if name == "uniqueness" {
				isInUse(t, err, inventory.NameInUseError{Name: "new", Err: failed})
			} else {
				same[error](t, "error", err, failed)
			}
		})
	}
}

// A refusal before the instance took the request is passed on as it is.
func TestFailedCreate_definite(t *testing.T) {
	t.Parallel()

	authentication := answered(http.StatusBadRequest, "duplicate session")
	authentication.Authentication = true

	for name, failed := range map[string]error{
		"401":             answered(http.StatusUnauthorized, "no"),
		"403":             answered(http.StatusForbidden, "no"),
		"429":             answered(http.StatusTooManyRequests, "slow down"),
		"authentication":  authentication,
		"canceled before": stopped(context.Canceled),
		"no API error":    errors.New("odd"),
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(createWorkspace, fail(failed))

			_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			same(t, "error", err, failed)
			same(t, "lists", f.count(listWorkspaces), 1)
		})
	}
}
