package inventory_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
)

func TestErrors(t *testing.T) {
	t.Parallel()

	cause := errors.New("the cause")

	for _, c := range []struct {
		err  error
		text string
		is   error
	}{
		{&inventory.NameTakenError{Name: "web", Err: cause}, `the workspace name "web" is taken: the cause`, cause},
		{&inventory.NameTakenError{Name: "web", IDs: []int64{7}}, `the workspace name "web" is taken by workspace 7`, nil},
		{&inventory.NameTakenError{Name: "web", IDs: []int64{7, 9}, Err: cause}, `the workspace name "web" is taken by workspaces 7, 9`, cause},
		{&inventory.LostCreateError{Name: "web", Err: cause}, `the cause; whether the workspace "web" was created could not be looked up`, cause},
		{&inventory.LostCreateError{Name: "web", Looked: true, Err: cause}, `the cause; the instance lists no workspace "web"`, cause},
		{
			&inventory.LostCreateError{Name: "web", Looked: true, Candidates: []int64{7}, Err: cause},
			`the cause; meanwhile workspace 7 came up with the name "web"`, cause,
		},
		{
			&inventory.LostCreateError{Name: "web", Looked: true, Candidates: []int64{7, 9}, Err: cause},
			`the cause; meanwhile workspaces 7, 9 came up with the name "web"`, cause,
		},
		{&inventory.SeveralUsersError{Email: "b@x", IDs: []string{"u1", "u2"}}, `2 users of the instance have the e-mail "b@x": u1, u2`, nil},
		{
			&inventory.UserMismatchError{Ref: inventory.UserRef{UserID: "u1", Email: "b@x"}, Owner: "u2"},
			`the e-mail "b@x" belongs to the user u2, not to u1`, nil,
		},
		{
			&inventory.SameUserError{One: inventory.UserRef{Email: "b@x"}, Other: inventory.UserRef{UserID: "u1"}, UserID: "u1"},
			`"b@x" and "u1" are the same user, u1`, nil,
		},
		{
			&inventory.SameUserError{One: inventory.UserRef{UserID: "u1"}, Other: inventory.UserRef{Email: "b@x", UserID: "u1"}, UserID: "u1"},
			`"u1" and "b@x" are the same user, u1`, nil,
		},
		{
			&inventory.MemberSetError{Failed: []inventory.FailedMember{
				{Ref: inventory.UserRef{UserID: "u1"}, Err: inventory.ErrLastOwner},
				{Ref: inventory.UserRef{UserID: "u2", Email: "b@x"}, Err: cause},
			}},
			"\n- user u1: the user is the last owner of the workspace\n- b@x: the cause", cause,
		},
	} {
		same(t, "text", c.err.Error(), c.text)

		if c.is != nil {
			isErr(t, c.err, c.is)
		}
	}
}

// Time is virtual.
func TestNew_realTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.late = 2
		inv := inventory.New(f, nil)

		started := time.Now()
		made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)
		noErr(t, made.Unread)
		same(t, "time", time.Since(started), 1500*time.Millisecond)

		caller, err := inv.Caller(t.Context())
		noErr(t, err)
		same(t, "caller", caller, f.caller)
	})
}

func TestNew_sendsNothing(t *testing.T) {
	t.Parallel()

	f := newFake()
	newInventory(f)
	same(t, "calls", len(f.counts), 0)
}
