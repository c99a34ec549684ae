package livetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Workspaces is the number of workspaces that the suite has on an instance.
const Workspaces = 2

// Sandbox is the part of an instance that the suite may change: the workspaces PREFIX-1 to PREFIX-2 as far as the
// account of the suite created them, and in them the membership of one user.
type Sandbox struct {
	// Caller is the authenticated account.
	Caller wallaroo.CurrentUser
	// Member is the user who may be added and removed. Only the ID and the email are known where Users is nil.
	Member wallaroo.User
	// Users are the users of the instance by ID; nil where the account may not read them.
	Users map[string]wallaroo.User

	client   *wallaroo.Client
	settings Settings
}

// TestWorkspace is one workspace of the suite.
type TestWorkspace struct {
	// Name is PREFIX and a number.
	Name string
	// ID is 0 before the first run has created the workspace.
	ID int64
	// CreatedBy is what the instance names as the creator.
	CreatedBy string
	// Others are the members beside Caller and Member. They are left alone.
	Others map[string]wallaroo.Role
	// MemberRole is the role of Member, "" for none.
	MemberRole wallaroo.Role
}

// Open authenticates and finds the member. It changes nothing.
func Open(ctx context.Context, settings Settings) (*Sandbox, error) {
	client, err := wallaroo.New(settings.Config)
	if err != nil {
		return nil, err
	}

	s := &Sandbox{client: client, settings: settings}
	if s.Caller, err = client.CurrentUser(ctx); err != nil {
		return nil, err
	}

	if s.Caller.UserID == "" {
		return nil, errors.New("the access token does not name its account, so no workspace can be known to be the suite's")
	}

	s.Users, err = client.Users(ctx)
	if err != nil && !wallaroo.IsNoDirectory(err) {
		return nil, err
	}

	if err := s.findMember(); err != nil {
		return nil, err
	}

	if s.Member.ID == s.Caller.UserID {
		return nil, errors.New("WALLAROO_LIVE_MEMBER is the authenticated account; name another user")
	}

	return s, nil
}

func (s *Sandbox) findMember() error {
	email, id := s.settings.MemberEmail, s.settings.MemberID
	if s.Users == nil {
		if id == "" {
			return errors.New("this account may not read the users: give the ID of WALLAROO_LIVE_MEMBER in WALLAROO_LIVE_MEMBER_ID too")
		}

		s.Member = wallaroo.User{ID: id, Email: email}

		return nil
	}

	var found []wallaroo.User

	for _, user := range s.Users {
		if strings.EqualFold(user.Email, email) && (id == "" || id == user.ID) {
			found = append(found, user)
		}
	}

	switch {
	case len(found) == 0 && id != "":
		return fmt.Errorf("no user of the instance has both the email %q and the ID %q: correct WALLAROO_LIVE_MEMBER, or unset WALLAROO_LIVE_MEMBER_ID", email, id)
	case len(found) == 0:
		return fmt.Errorf("no user of the instance has the email %q: set WALLAROO_LIVE_MEMBER to that of one who is there", email)
	case len(found) > 1:
		return fmt.Errorf("%d users of the instance have the email %q: name one of them in WALLAROO_LIVE_MEMBER_ID", len(found), email)
	}

	s.Member = found[0]

	return nil
}

// Inspect looks at workspace n, from 1 to Workspaces. It changes nothing, and fails unless the workspace is the suite's, or
// does not exist yet.
func (s *Sandbox) Inspect(ctx context.Context, n int) (TestWorkspace, error) {
	workspace := TestWorkspace{Name: fmt.Sprintf("%s-%d", s.settings.Prefix, n)}

	all, err := s.client.ListWorkspaces(ctx)
	if err != nil {
		return workspace, err
	}

	named := slices.DeleteFunc(all, func(w wallaroo.Workspace) bool { return w.Name != workspace.Name })
	if len(named) == 0 {
		return workspace, nil
	}

	if len(named) > 1 {
		return workspace, s.foreign(workspace.Name, named[0].ID, fmt.Sprintf("%d workspaces have this name", len(named)))
	}

	workspace.ID, workspace.CreatedBy = named[0].ID, named[0].CreatedBy

	members, err := s.client.ListMembers(ctx, workspace.ID)
	if err != nil {
		return workspace, err
	}

	workspace.Others = map[string]wallaroo.Role{}
	for _, member := range members {
		workspace.Others[member.UserID] = member.Role
	}

	if reason := s.notOurs(named[0], workspace.Others); reason != "" {
		return workspace, s.foreign(workspace.Name, workspace.ID, reason)
	}

	workspace.MemberRole = workspace.Others[s.Member.ID]
	delete(workspace.Others, s.Member.ID)
	delete(workspace.Others, s.Caller.UserID)

	return workspace, nil
}

// notOurs says why a workspace of a fixed name is not the suite's to change; "" if it is. What cannot be determined counts
// as a reason.
func (s *Sandbox) notOurs(workspace wallaroo.Workspace, members map[string]wallaroo.Role) string {
	by := workspace.CreatedBy
	switch {
	case by == "":
		return "it does not say who created it, as happens to accounts without an email"
	case by != s.Caller.UserID && !strings.EqualFold(by, s.Caller.Email):
		return "somebody else created it"
	case members[s.Caller.UserID] != wallaroo.RoleOwner:
		return "the account does not own it any more"
	case len(workspace.Models) > 0, len(workspace.Pipelines) > 0:
		return "it has models or pipelines, so somebody works in it"
	case workspace.Archived:
		return "it is archived"
	default:
		return ""
	}
}

func (s *Sandbox) foreign(name string, id int64, reason string) error {
	return fmt.Errorf("workspace %q (ID %d) is not the suite's: %s; it was left alone. Choose another WALLAROO_LIVE_PREFIX", name, id, reason)
}

// Cleanup takes Member out of workspace n, as an interrupted run may have left them there, and nobody else.
func (s *Sandbox) Cleanup(ctx context.Context, n int) (TestWorkspace, error) {
	workspace, err := s.Inspect(ctx, n)
	if err != nil || workspace.MemberRole == "" {
		return workspace, err
	}

	if _, err := s.client.RemoveMember(ctx, workspace.ID, wallaroo.UserRef{UserID: s.Member.ID}); err != nil {
		return workspace, fmt.Errorf("taking the user of WALLAROO_LIVE_MEMBER out of workspace %d: %w", workspace.ID, err)
	}

	if workspace, err = s.Inspect(ctx, n); err == nil && workspace.MemberRole != "" {
		err = fmt.Errorf("workspace %d still has the user of WALLAROO_LIVE_MEMBER, although the removal was accepted", workspace.ID)
	}

	return workspace, err
}
