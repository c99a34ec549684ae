package livetest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Fact is what an instance does at one point that versions differ on, or that is inferred. It names no user.
type Fact struct{ Point, Observed string }

// nobody is an email that no user can have.
const nobody = "nobody@wallaroo.invalid"

// Facts observes the instance, for which Member joins workspace n and leaves it again. It never authenticates with a
// wrong password, which could lock an account, nor creates a workspace, which nobody could delete.
func (s *Sandbox) Facts(ctx context.Context, n int) ([]Fact, error) {
	workspace, err := s.Cleanup(ctx, n)
	if err != nil {
		return nil, err
	}

	if workspace.ID == 0 {
		return nil, fmt.Errorf("workspace %q does not exist yet", workspace.Name)
	}

	facts := []Fact{
		{"email in the access token", yesOrNo(s.Caller.Email != "")},
		{"users/query", s.usersQuery(ctx)},
		{"created_by", s.createdBy(workspace)},
		{"workspaces/list with user_ids", s.filter(ctx, workspace)},
		{"list_users of an unknown workspace", s.unknownWorkspace(ctx)},
		{"add_user with an unknown email", s.unknownEmail(ctx, workspace)},
	}
	members, err := s.memberFacts(ctx, workspace)
	_, cleanup := s.Cleanup(ctx, n)

	return append(facts, members...), errors.Join(err, cleanup)
}

func yesOrNo(is bool) string {
	if is {
		return "yes"
	}

	return "no"
}

func (s *Sandbox) usersQuery(ctx context.Context) string {
	users, err := s.client.Users(ctx)
	return refusalOr(err, fmt.Sprintf("lists %d users", len(users)))
}

func (s *Sandbox) createdBy(workspace TestWorkspace) string {
	if workspace.CreatedBy == s.Caller.UserID {
		return "the user's ID"
	}

	return "the user's email" // the workspace would not be the suite's otherwise
}

// filter reports whether a list is narrowed to the workspaces of Member, who is not in this one.
func (s *Sandbox) filter(ctx context.Context, workspace TestWorkspace) string {
	list, err := s.client.ListWorkspaces(ctx, s.Member.ID)
	for _, listed := range list {
		if listed.ID == workspace.ID {
			return "ignored"
		}
	}

	return refusalOr(err, "honored")
}

func (s *Sandbox) unknownWorkspace(ctx context.Context) string {
	const unlikely = 1<<31 - 2

	members, err := s.client.ListMembers(ctx, unlikely)

	return refusalOr(err, fmt.Sprintf("a list of %d", len(members)))
}

// unknownEmail undoes what the instance makes of it, should it accept the address.
func (s *Sandbox) unknownEmail(ctx context.Context, workspace TestWorkspace) string {
	err := s.client.AddMember(ctx, wallaroo.NewMember{WorkspaceID: workspace.ID, Email: nobody})
	if err != nil {
		return refusalOr(err, "")
	}

	members, err := s.client.ListMembers(ctx, workspace.ID)
	for _, member := range members {
		if _, known := workspace.Others[member.UserID]; known || member.UserID == s.Caller.UserID {
			continue
		}

		_, removed := s.client.RemoveMember(ctx, workspace.ID, wallaroo.UserRef{UserID: member.UserID})
		err = errors.Join(err, removed)
	}

	return refusalOr(err, "accepted")
}

// memberFacts are those for which Member joins the workspace. They are found in this order.
func (s *Sandbox) memberFacts(ctx context.Context, workspace TestWorkspace) ([]Fact, error) {
	changes, err := s.RolesChange(ctx, workspace)
	if err != nil {
		return nil, err
	}

	again := "the role stays"
	if changes {
		again = "the role changes"
	}

	member := wallaroo.UserRef{UserID: s.Member.ID}
	first, err := s.client.RemoveMember(ctx, workspace.ID, member)
	second, err2 := s.client.RemoveMember(ctx, workspace.ID, member)

	return []Fact{
		{"add_user of a member, other role", again},
		{"remove_user of a member says it had an effect", yesOrNo(first)},
		{"remove_user of no member says it had an effect", refusalOr(err2, yesOrNo(second))},
	}, err
}

// RolesChange adds Member as a collaborator and then as an owner, and reports whether the second add changed the role.
// Member stays in the workspace.
func (s *Sandbox) RolesChange(ctx context.Context, workspace TestWorkspace) (bool, error) {
	for _, role := range []wallaroo.Role{wallaroo.RoleCollaborator, wallaroo.RoleOwner} {
		if err := s.client.AddMember(ctx, wallaroo.NewMember{WorkspaceID: workspace.ID, Email: s.Member.Email, Role: role}); err != nil {
			return false, err
		}
	}

	members, err := s.client.ListMembers(ctx, workspace.ID)
	if err != nil {
		return false, err
	}

	for _, member := range members {
		if member.UserID == s.Member.ID {
			return member.Role == wallaroo.RoleOwner, nil
		}
	}

	return false, errors.New("the user of WALLAROO_LIVE_MEMBER was added and is not listed")
}

// refusalOr is how the instance has refused a call, or else what it did.
func refusalOr(err error, otherwise string) string {
	failure, ok := errors.AsType[*wallaroo.Error](err)
	switch {
	case err == nil:
		return otherwise
	case ok && failure.Status != 0:
		return strings.TrimSpace(fmt.Sprintf("refused: %d %s", failure.Status, failure.Message))
	default:
		return "no response"
	}
}
