package inventory_test

import (
	"errors"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

func TestErrors(t *testing.T) {
	t.Parallel()

	cause := errors.New("the cause")

	for _, c := range []struct {
		err  error
		text string
		is   error
	}{
		{&inventory.NameInUseError{Name: "web", Err: cause}, `the workspace name "web" is already in use: the cause`, cause},
		{&inventory.NameInUseError{Name: "web", IDs: []int64{7}}, `the workspace name "web" is already in use by workspace 7`, nil},
		{&inventory.NameInUseError{Name: "web", IDs: []int64{7, 9}, Err: cause}, `the workspace name "web" is already in use by workspaces 7, 9`, cause},
		{&inventory.UnknownOutcomeError{Name: "web", Err: cause}, `the cause; could not check whether the workspace "web" was created`, cause},
		{&inventory.UnknownOutcomeError{Name: "web", Looked: true, Err: cause}, `the cause; the instance lists no workspace "web"`, cause},
		{
			&inventory.UnknownOutcomeError{Name: "web", Looked: true, Candidates: []int64{7}, Err: cause},
			`the cause; meanwhile workspace 7 appeared with the name "web"`, cause,
		},
		{
			&inventory.UnknownOutcomeError{Name: "web", Looked: true, Candidates: []int64{7, 9}, Err: cause},
			`the cause; meanwhile workspaces 7, 9 appeared with the name "web"`, cause,
		},
		{&inventory.AmbiguousUserError{Email: "b@x", IDs: []string{"u1", "u2"}}, `2 users of the instance have the email "b@x": u1, u2`, nil},
		{&inventory.UnidentifiedUserError{Email: "b@x"}, `the API does not say which of the members has the email "b@x"`, nil},
		{
			&inventory.UnidentifiedUserError{Email: "b@x", Candidates: []string{"u1", "u2"}},
			`the API does not say which of the members has the email "b@x": it may be any of u1, u2`, nil,
		},
		{
			&inventory.UserMismatchError{Ref: inventory.UserRef{UserID: "u1", Email: "b@x"}, UserID: "u2"},
			`the email "b@x" belongs to the user "u2", not to "u1"`, nil,
		},
		{
			&inventory.SameUserError{One: inventory.UserRef{Email: "b@x"}, Other: inventory.UserRef{UserID: "u1"}, UserID: "u1"},
			`"b@x" and user "u1" are the same user, u1`, nil,
		},
		{
			&inventory.SameUserError{One: inventory.UserRef{Name: "n\r"}, Other: inventory.UserRef{Email: "b@x", UserID: "u1"}, UserID: "u1"},
			`"n\r" and "b@x" are the same user, u1`, nil,
		},
		{
			&inventory.RoleConflictError{Ref: inventory.UserRef{Email: "b@x"}, UserID: "u1", Roles: []wallaroo.Role{roleOwner, roleCollaborator}},
			`one resource wants "b@x" (user "u1") as OWNER and another one as COLLABORATOR`, nil,
		},
		{
			&inventory.MemberSetError{Failed: []inventory.FailedMember{
				{Ref: inventory.UserRef{UserID: "u1"}, Err: inventory.ErrLastOwner},
				{Ref: inventory.UserRef{UserID: "u2", Email: "b@x"}, Err: cause},
			}},
			"\n- user \"u1\": the user is the last owner of the workspace\n- \"b@x\": the cause", cause,
		},
	} {
		same(t, "text", c.err.Error(), c.text)

		if c.is != nil {
			isErr(t, c.err, c.is)
		}
	}
}
