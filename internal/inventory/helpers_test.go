package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	roleOwner        = wallaroo.RoleOwner
	roleCollaborator = wallaroo.RoleCollaborator
)

// team is what a workspace's members should be, by user ID.
type team = map[string]wallaroo.Role

// run tests with an instance of its own, in virtual time.
func run(t *testing.T, test func(t *testing.T, f *fake, inv *inventory.Inventory)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		test(t, f, inventory.New(f, inventory.Clock{}))
	})
}

// runCase is run for one case of several.
func runCase(t *testing.T, name string, test func(t *testing.T, f *fake, inv *inventory.Inventory)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		run(t, test)
	})
}

// ensure makes a user a member with a role.
func ensure(ctx context.Context, inv *inventory.Inventory, workspaceID int64, ref inventory.UserRef, role wallaroo.Role) (inventory.EnsuredMember, error) {
	return inv.EnsureMember(ctx, workspaceID, inventory.MemberSpec{Ref: ref, Role: role})
}

func email(name string) inventory.UserRef { return inventory.UserRef{Email: name + "@example.com"} }
func byID(id string) inventory.UserRef    { return inventory.UserRef{UserID: id} }
func named(name string) inventory.UserRef { return inventory.UserRef{Name: name} }

// set is the wanted members of a workspace.
func set(members ...[]inventory.MemberSpec) (all inventory.MemberSet) {
	for _, some := range members {
		all.Members = append(all.Members, some...)
	}

	return all
}

func owners(refs ...inventory.UserRef) []inventory.MemberSpec { return specs(roleOwner, refs) }

func collaborators(refs ...inventory.UserRef) []inventory.MemberSpec {
	return specs(roleCollaborator, refs)
}

func specs(role wallaroo.Role, refs []inventory.UserRef) []inventory.MemberSpec {
	all := make([]inventory.MemberSpec, len(refs))
	for i, ref := range refs {
		all[i] = inventory.MemberSpec{Ref: ref, Role: role}
	}

	return all
}

func roles(members []wallaroo.Member) team {
	all := team{}
	for _, m := range members {
		all[m.UserID] = m.Role
	}

	return all
}

// known is what the inventory believes of a workspace's members.
func known(t *testing.T, inv *inventory.Inventory, workspaceID int64) team {
	t.Helper()

	members, err := inv.Members(t.Context(), workspaceID)
	noErr(t, err)

	return roles(members)
}

// nameInUse is how an instance words its database's refusal.
func nameInUse(status int) *wallaroo.Error {
	return answered(status, `Uniqueness violation. duplicate key value violates unique constraint "workspace_name_key"`)
}

// answered is an error that the instance worded.
func answered(status int, message string) *wallaroo.Error {
	return &wallaroo.Error{Kind: wallaroo.KindStatus, Method: http.MethodPost, Path: "/v1/api", Host: "wallaroo.example.com", Status: status, Message: message}
}

// unavailable is an answer that says nothing.
func unavailable() *wallaroo.Error { return answered(http.StatusServiceUnavailable, "") }

// outcomeUnknown is the same failure of a write that may have been made.
func outcomeUnknown(err *wallaroo.Error) *wallaroo.Error {
	failed := *err
	failed.OutcomeUnknown = true

	return &failed
}

// cut is a connection that ended after the request was sent.
func cut() *wallaroo.Error { return outcomeUnknown(stopped(errors.New("EOF"))) }

// stopped is a request without an answer.
func stopped(err error) *wallaroo.Error {
	return &wallaroo.Error{Kind: wallaroo.KindTransport, Method: http.MethodPost, Path: "/v1/api", Message: err.Error(), Err: err}
}

// lost are the failures after which a write may have been made.
func lost() map[string]*wallaroo.Error {
	kind := func(kind wallaroo.Kind, status int) *wallaroo.Error {
		return outcomeUnknown(&wallaroo.Error{Kind: kind, Method: http.MethodPost, Path: "/v1/api", Status: status, Message: "duplicate"})
	}

	return map[string]*wallaroo.Error{
		"cut":                    cut(),
		"timed out":              outcomeUnknown(stopped(context.DeadlineExceeded)),
		"500 in words":           outcomeUnknown(answered(http.StatusInternalServerError, "database gone")),
		"500":                    outcomeUnknown(answered(http.StatusInternalServerError, "")),
		"502":                    outcomeUnknown(answered(http.StatusBadGateway, "bad gateway")),
		"500 page":               kind(wallaroo.KindHTML, http.StatusInternalServerError),
		"502 page":               kind(wallaroo.KindHTML, http.StatusBadGateway),
		"503":                    outcomeUnknown(answered(http.StatusServiceUnavailable, "so")),
		"504":                    outcomeUnknown(answered(http.StatusGatewayTimeout, "so")),
		"200 malformed":          kind(wallaroo.KindMalformed, http.StatusOK),
		"200 page":               kind(wallaroo.KindHTML, http.StatusOK),
		"200 too large":          kind(wallaroo.KindTooLarge, http.StatusOK),
		"500 with a request ID":  outcomeUnknown(&wallaroo.Error{Kind: wallaroo.KindStatus, RequestID: "unique-7", Status: http.StatusInternalServerError, Message: "gone"}),
		"502 that says it's ...": outcomeUnknown(answered(http.StatusBadGateway, "upstream already in use")),
	}
}

// isWorded is true for a failure that the instance itself told.
func isWorded(failed *wallaroo.Error) bool {
	return failed.Kind == wallaroo.KindStatus && failed.Status == http.StatusInternalServerError && failed.Message != ""
}

// fail always fails.
func fail(err error) hook { return func(context.Context, int) error { return err } }

// inTurn fails the first call with the first error and so on; nil lets one pass, as
// all do after the last.
func inTurn(errs ...error) hook {
	return func(_ context.Context, n int) error {
		if n > len(errs) {
			return nil
		}

		return errs[n-1]
	}
}

// failFrom fails all calls from the nth on.
func failFrom(nth int, err error) hook {
	return func(_ context.Context, n int) error {
		if n < nth {
			return nil
		}

		return err
	}
}

// hold keeps calls until gate is closed or their context ends.
func hold(gate <-chan struct{}) hook {
	return func(ctx context.Context, _ int) error {
		select {
		case <-gate:
			return nil
		case <-ctx.Done():
			return stopped(ctx.Err())
		}
	}
}

// holdNth keeps only the nth call.
func holdNth(nth int, gate <-chan struct{}) hook {
	return func(ctx context.Context, n int) error {
		if n != nth {
			return nil
		}

		return hold(gate)(ctx, n)
	}
}

// once runs do at the first call.
func once(do func()) hook {
	return func(_ context.Context, n int) error {
		if n == 1 {
			do()
		}

		return nil
	}
}

// settle waits until everything in the bubble waits for a gate: no request and no
// gathering of callers is open any more.
func settle() { time.Sleep(time.Second) }

// start runs do beside the test. Its result is read once.
func start[T any](do func() (T, error)) <-chan outcome[T] {
	done := make(chan outcome[T], 1)

	go func() {
		value, err := do()
		done <- outcome[T]{value: value, err: err}
	}()

	return done
}

type outcome[T any] struct {
	value T
	err   error
}

// noErr fails the test on an error.
func noErr(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// same fails the test unless got is want.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()

	options := cmp.Options{cmp.Comparer(sameText), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(inventory.ResolvedSet{})}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// sameText compares errors, which have unexported fields.
func sameText(a, b error) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Error() == b.Error()
}

// isErr fails the test unless err is want, or wraps it.
func isErr(t *testing.T, err, want error) {
	t.Helper()

	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// as returns err as a T, and fails the test if it is none.
func as[T error](t *testing.T, err error) T {
	t.Helper()

	found, ok := errors.AsType[T](err)
	if !ok {
		t.Fatalf("error %v is %T, want %T", err, err, found)
	}

	return found
}
