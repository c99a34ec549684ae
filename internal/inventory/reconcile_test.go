package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// lost are the failures after which a create may have been made.
func lost() map[string]*wallaroo.Error {
	kind := func(kind wallaroo.Kind, status int) *wallaroo.Error {
		return unsure(&wallaroo.Error{Kind: kind, Method: http.MethodPost, Path: "/v1/api", Status: status, Message: "duplicate"})
	}

	return map[string]*wallaroo.Error{
		"cut":                    cut(),
		"timed out":              unsure(stopped(context.DeadlineExceeded)),
		"500 in words":           unsure(answered(http.StatusInternalServerError, "database gone")),
		"500":                    unsure(answered(http.StatusInternalServerError, "")),
		"502":                    unsure(answered(http.StatusBadGateway, "bad gateway")),
		"500 page":               kind(wallaroo.KindHTML, http.StatusInternalServerError),
		"502 page":               kind(wallaroo.KindHTML, http.StatusBadGateway),
		"503":                    unsure(answered(http.StatusServiceUnavailable, "so")),
		"504":                    unsure(answered(http.StatusGatewayTimeout, "so")),
		"200 malformed":          kind(wallaroo.KindMalformed, http.StatusOK),
		"200 page":               kind(wallaroo.KindHTML, http.StatusOK),
		"200 too large":          kind(wallaroo.KindTooLarge, http.StatusOK),
		"500 with a request id":  unsure(&wallaroo.Error{Kind: wallaroo.KindAnswer, RequestID: "unique-7", Status: http.StatusInternalServerError, Message: "gone"}),
		"502 that says it's ...": unsure(answered(http.StatusBadGateway, "upstream already in use")),
	}
}

// isWorded is true for a failure that the instance itself told.
func isWorded(failed *wallaroo.Error) bool {
	return failed.Kind == wallaroo.KindAnswer && failed.Status == http.StatusInternalServerError && failed.Message != ""
}

func TestLostCreate_found(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		for late, looks := range map[string]int{"at once": 0, "at the third look": 2, "at the last look": 4} {
			t.Run(name+" "+late, func(t *testing.T) {
				t.Parallel()

				f := newFake()
				f.late = looks
				f.setAfter(createWorkspace, fail(failed))

				var naps sleeper

				inv := inventory.New(f, naps.sleep)

				made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
				noErr(t, err)
				isErr(t, made.Lost, failed)
				noErr(t, made.Unread)
				same(t, "adopted", made.Adopted, false)
				same(t, "workspace", made.Workspace, wallaroo.Workspace{ID: 20, Name: "new", CreatedAt: "2026-03-04T05:06:07Z", CreatedBy: "u-ann"})
				same(t, "creates", f.count(createWorkspace), 1)
				same(t, "lists", f.count(listWorkspaces), 2+looks)
				same(t, "waits", len(naps.all()), looks)
				same(t, "taken", inv.IsTaken(20), true)
			})
		}
	}
}

func TestLostCreate_notFound(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setBefore(createWorkspace, inTurn(failed))

			var naps sleeper

			inv := inventory.New(f, naps.sleep)

			_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			notFound := as[*inventory.LostCreateError](t, err)
			isErr(t, err, failed)
			same(t, "looked", notFound.Looked, true)
			same(t, "name", notFound.Name, "new")
			same(t, "candidates", len(notFound.Candidates), 0)
			same(t, "creates", f.count(createWorkspace), 1)
			same(t, "waits", naps.all(), polls())

			// It is safe to create it again.
			made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)
			noErr(t, made.Lost)
			same(t, "creates", f.count(createWorkspace), 2)
		})
	}
}

func TestLostCreate_createdBy(t *testing.T) {
	t.Parallel()

	id := wallaroo.Caller{UserID: "u-ann"}
	full := wallaroo.Caller{UserID: "u-ann", Email: "ann@example.com", Username: "ann"}

	for name, c := range map[string]struct {
		caller    wallaroo.Caller
		createdBy string
		own       bool
	}{
		"own id":                          {full, "u-ann", true},
		"own e-mail":                      {full, "Ann@Example.com", true},
		"own user name":                   {full, "ann", true},
		"nothing":                         {full, "", true},
		"another id":                      {full, "u-bob", false},
		"another e-mail":                  {full, "bob@example.com", false},
		"own id, no e-mail known":         {id, "u-ann", true},
		"some e-mail, own is not known":   {id, "bob@example.com", true},
		"another id, no e-mail known":     {id, "u-bob", false},
		"nothing, no e-mail known":        {id, "", true},
		"somebody, the caller is unknown": {wallaroo.Caller{}, "u-bob", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.caller = c.caller
			f.createdBy = c.createdBy
			f.setAfter(createWorkspace, fail(cut()))
			inv := newInventory(f)

			made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			same(t, "creates", f.count(createWorkspace), 1)
			same(t, "taken", inv.IsTaken(20), c.own)

			if c.own {
				noErr(t, err)
				same(t, "id", made.Workspace.ID, int64(20))

				return
			}

			foreign := as[*inventory.LostCreateError](t, err)
			same(t, "candidates", foreign.Candidates, []int64{20})
			same(t, "looked", foreign.Looked, true)
			same(t, "lists", f.count(listWorkspaces), 2)
		})
	}
}

func TestLostCreate_callerFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.createdBy = "u-bob"
	f.setBefore(askCaller, fail(answered(http.StatusUnauthorized, "")))
	f.setAfter(createWorkspace, fail(cut()))

	made, err := newInventory(f).Create(t.Context(), "new", inventory.AdoptNever)
	noErr(t, err)
	same(t, "id", made.Workspace.ID, int64(20))
}

func TestLostCreate_several(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.setAfter(createWorkspace, func(context.Context, int) error {
		f.place(30, "new")

		return cut()
	})

	inv := newInventory(f)

	_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
	several := as[*inventory.LostCreateError](t, err)
	same(t, "candidates", several.Candidates, []int64{20, 30})
	same(t, "creates", f.count(createWorkspace), 1)
	same(t, "taken", inv.IsTaken(20) || inv.IsTaken(30), false)
}

// What the run has already is no outcome of another create.
func TestLostCreate_foundTaken(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	_, err := inv.Create(t.Context(), "web", inventory.AdoptOnly)
	noErr(t, err)

	f.setBefore(createWorkspace, func(context.Context, int) error {
		f.rename(7, "new")

		return cut()
	})

	_, err = inv.Create(t.Context(), "new", inventory.AdoptNever)
	same(t, "candidates", as[*inventory.LostCreateError](t, err).Candidates, []int64{7})
}

func TestLostCreate_listFails(t *testing.T) {
	t.Parallel()

	weather := answered(http.StatusBadGateway, "")

	t.Run("always", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		f.setAfter(createWorkspace, fail(cut()))
		f.setBefore(listWorkspaces, func(_ context.Context, n int) error {
			if n > 1 {
				return weather
			}

			return nil
		})

		_, err := newInventory(f).Create(t.Context(), "new", inventory.AdoptNever)
		same(t, "looked", as[*inventory.LostCreateError](t, err).Looked, false)
		same(t, "creates", f.count(createWorkspace), 1)
		same(t, "lists", f.count(listWorkspaces), 6)
	})
	t.Run("at first", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		f.setAfter(createWorkspace, fail(cut()))
		f.setBefore(listWorkspaces, inTurn(nil, weather, weather))

		made, err := newInventory(f).Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)
		same(t, "id", made.Workspace.ID, int64(20))
	})
}

func TestLostCreate_outlivesCancellation(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.late = 2
	ctx, cancel := context.WithCancel(t.Context())
	f.setAfter(createWorkspace, func(context.Context, int) error {
		cancel()

		return cut()
	})

	made, err := newInventory(f).Create(ctx, "new", inventory.AdoptNever)
	noErr(t, err)
	same(t, "id", made.Workspace.ID, int64(20))
}

// Time is virtual here, and no list but the first ever ends on its own.
func TestLostCreate_budget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.setAfter(createWorkspace, fail(cut()))
		f.setBefore(listWorkspaces, func(ctx context.Context, n int) error {
			if n == 1 {
				return nil
			}

			<-ctx.Done()

			return stopped(ctx.Err())
		})

		started := time.Now()
		_, err := inventory.New(f, nil).Create(t.Context(), "new", inventory.AdoptNever)
		same(t, "looked", as[*inventory.LostCreateError](t, err).Looked, false)
		same(t, "time", time.Since(started), 30*time.Second)
	})
}

// Time is virtual: the waits that the others only record are real ones.
func TestLostCreate_waits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.setBefore(createWorkspace, fail(cut()))

		started := time.Now()
		_, err := inventory.New(f, nil).Create(t.Context(), "new", inventory.AdoptNever)
		same(t, "looked", as[*inventory.LostCreateError](t, err).Looked, true)
		same(t, "time", time.Since(started), 7500*time.Millisecond)
	})
}

func TestFailedCreate_nameTaken(t *testing.T) {
	t.Parallel()

	words := func(status int, message string) *wallaroo.Error {
		failed := answered(status, message)
		failed.Ambiguous = status >= 500

		return failed
	}
	// Somebody made one between the first list and the create.
	meanwhile := func(f *fake) { f.place(30, "new") }

	for name, c := range map[string]struct {
		failed *wallaroo.Error
		change func(*fake)
		want   []int64
		taken  bool
	}{
		"400, now visible":              {words(400, "no"), meanwhile, []int64{30}, true},
		"409, now visible":              {words(409, "no"), meanwhile, []int64{30}, true},
		"422, now visible":              {words(422, "no"), meanwhile, []int64{30}, true},
		"400, not visible":              {words(400, "no"), nil, nil, false},
		"403, now visible":              {words(403, "no"), meanwhile, nil, false},
		"400 without words, visible":    {words(400, ""), meanwhile, nil, false},
		"400 uniqueness":                {nameTaken(400), nil, nil, true},
		"400 uniqueness, now visible":   {nameTaken(400), meanwhile, []int64{30}, true},
		"409 already exists":            {words(409, "The workspace already exists"), nil, nil, true},
		"422 already in use":            {words(422, "Name already in use"), nil, nil, true},
		"400 already taken":             {words(400, "name ALREADY TAKEN"), nil, nil, true},
		"400 unique":                    {words(400, "names must be unique"), nil, nil, true},
		"400 duplicate":                 {words(400, "duplicate key"), nil, nil, true},
		"500 uniqueness":                {unsure(nameTaken(500)), nil, nil, true},
		"500 uniqueness, now visible":   {unsure(nameTaken(500)), meanwhile, []int64{30}, true},
		"500 already exist, visible":    {words(500, "workspace does already exist"), meanwhile, []int64{30}, true},
		"500 uniqueness of two visible": {unsure(nameTaken(500)), func(f *fake) { f.place(30, "new"); f.place(31, "new") }, []int64{30, 31}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setBefore(createWorkspace, func(context.Context, int) error {
				if c.change != nil {
					c.change(f)
				}

				return c.failed
			})

			inv := newInventory(f)

			made, err := inv.Create(t.Context(), "new", inventory.AdoptOrCreate)
			same(t, "created", made, inventory.Created{})
			isErr(t, err, c.failed)
			same(t, "creates", f.count(createWorkspace), 1)
			same(t, "taken", inv.IsTaken(30), false)

			if lost, ok := errors.AsType[*inventory.LostCreateError](err); ok {
				t.Errorf("a definite answer counts as lost: %v", lost)
			}

			if !c.taken {
				same[error](t, "error", err, c.failed)

				return
			}

			sameTaken(t, as[*inventory.NameTakenError](t, err), inventory.NameTakenError{Name: "new", IDs: c.want, Err: c.failed})
		})
	}
}

// The API's words stand also when nothing can be looked up.
func TestFailedCreate_listFails(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		failed *wallaroo.Error
		taken  bool
	}{
		"uniqueness": {nameTaken(400), true},
		"no words":   {answered(400, "no"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setBefore(createWorkspace, fail(c.failed))
			f.setBefore(listWorkspaces, inTurn(nil, answered(http.StatusBadGateway, "")))

			_, err := newInventory(f).Create(t.Context(), "new", inventory.AdoptNever)
			isErr(t, err, c.failed)

			if c.taken {
				sameTaken(t, as[*inventory.NameTakenError](t, err), inventory.NameTakenError{Name: "new", Err: c.failed})
			} else {
				same[error](t, "error", err, c.failed)
			}
		})
	}
}

// A refusal before the instance took the request is passed on as it is.
func TestFailedCreate_definite(t *testing.T) {
	t.Parallel()

	signIn := answered(http.StatusBadRequest, "duplicate session")
	signIn.Authentication = true

	for name, failed := range map[string]error{
		"401":              answered(http.StatusUnauthorized, "no"),
		"403":              answered(http.StatusForbidden, "no"),
		"429":              answered(http.StatusTooManyRequests, "slow down"),
		"sign-in":          signIn,
		"cancelled before": stopped(context.Canceled),
		"no API error":     errors.New("odd"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setBefore(createWorkspace, fail(failed))

			_, err := newInventory(f).Create(t.Context(), "new", inventory.AdoptNever)
			isErr(t, err, failed)
			same(t, "error", err, failed)
			same(t, "lists", f.count(listWorkspaces), 1)
		})
	}
}
