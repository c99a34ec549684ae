package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Role is what a member may do in a workspace.
type Role string

// The roles that the API documents. A response may hold others; they are kept as
// they are.
const (
	RoleOwner        Role = "OWNER"
	RoleCollaborator Role = "COLLABORATOR"
)

// Member is one user of a workspace.
type Member struct {
	// UserID is the Keycloak ID of the user. The user may no longer exist.
	UserID string
	// Email is empty on the instances that list members by ID alone.
	Email string
	// Role is upper case. A response without a role means [RoleCollaborator],
	// the default that the API documents.
	Role Role
}

// UserRef names a user by ID or, where that is not known, by email.
type UserRef struct{ UserID, Email string }

// NewMember says whom to add to a workspace, or whose role to change.
type NewMember struct {
	WorkspaceID int64
	// Email and UserID name the user; at least one is set.
	Email  string
	UserID string
	// Role may be empty: no role is sent then, and the instance adds a
	// collaborator.
	Role Role
}

// ListMembers returns the members of a workspace, in no order. A workspace that
// does not exist or that the caller may not see can look like an empty one.
func (c *Client) ListMembers(ctx context.Context, workspaceID int64) ([]Member, error) {
	return call[memberList](ctx, c, read("workspaces/list_users"), memberRequest{WorkspaceID: workspaceID})
}

// AddMember adds a user to a workspace, or changes the role of a member. A role
// is sent in lower case, as Wallaroo's SDK does. Where that is refused it is
// tried in upper case once, and the case that an instance takes is kept.
func (c *Client) AddMember(ctx context.Context, member NewMember) error {
	if member.Email == "" && member.UserID == "" {
		return errors.New("a new member needs an email or a user ID")
	}

	if known := c.roleCase.Load(); member.Role == "" || known != nil {
		return c.addMember(ctx, member, known)
	}

	refused := c.addMember(ctx, member, &lowerCase)
	if !IsBadRequest(refused) || IsAlreadyMember(refused) {
		return refused
	}

	err := c.addMember(ctx, member, &upperCase)
	if IsBadRequest(err) && !IsAlreadyMember(err) {
		return refused // so it was not for upper or lower case
	}

	return err
}

// letterCase writes a role as an instance wants it.
type letterCase func(string) string

var lowerCase, upperCase letterCase = strings.ToLower, strings.ToUpper

func (c *Client) addMember(ctx context.Context, member NewMember, role *letterCase) error {
	request := memberRequest{WorkspaceID: member.WorkspaceID, Email: member.Email, UserID: member.UserID}
	if member.Role != "" {
		request.Role = (*role)(string(member.Role))
	}

	_, err := call[memberChange](ctx, c, write("workspaces/add_user"), request)
	if err == nil && member.Role != "" {
		c.roleCase.Store(role)
	}

	return err
}

// RemoveMember removes a user from a workspace. It reports whether the instance
// says that this changed something; not every instance says so.
func (c *Client) RemoveMember(ctx context.Context, workspaceID int64, user UserRef) (affected bool, err error) {
	request := memberRequest{WorkspaceID: workspaceID, UserID: user.UserID}
	switch {
	case user.UserID == "" && user.Email == "":
		return false, errors.New("the removal of a member needs a user ID or an email")
	case user.UserID == "":
		request.Email = user.Email
	}

	return call[memberChange](ctx, c, write("workspaces/remove_user"), request)
}

type memberRequest struct {
	WorkspaceID int64  `json:"workspace_id"`
	Email       string `json:"email,omitempty"`
	UserID      string `json:"user_id,omitempty"`
	Role        string `json:"user_type,omitempty"`
}

type memberList struct {
	Users list[memberRecord, Member] `json:"users"`
}

func (b memberList) value() ([]Member, error) {
	if !b.Users.present {
		return nil, errors.New(`no "users"`)
	}

	seen := make(map[string]bool, len(b.Users.values))
	for _, member := range b.Users.values {
		if seen[member.UserID] {
			return nil, fmt.Errorf("member %s twice", member.UserID)
		}

		seen[member.UserID] = true
	}

	return b.Users.values, nil
}

type memberRecord struct {
	UserID scalar           `json:"user_id"`
	Email  optional[string] `json:"email"`
	Role   string           `json:"user_type"`
}

func (b memberRecord) value() (Member, error) {
	if b.UserID == "" {
		return Member{}, errors.New(`no "user_id"`)
	}

	role := RoleCollaborator
	if b.Role != "" {
		role = Role(strings.ToUpper(b.Role))
	}

	return Member{UserID: string(b.UserID), Email: b.Email.value, Role: role}, nil
}

// memberChange is any object but an error: what success holds differs.
type memberChange struct {
	AffectedRows scalar         `json:"affected_rows"`
	Message      jsontext.Value `json:"msg"`
	Code         jsontext.Value `json:"code"`
	Error        jsontext.Value `json:"error"`
}

// value reports whether the instance says that rows changed.
func (b memberChange) value() (affected bool, err error) {
	if isSet(b.Error) || isSet(b.Message) && isSet(b.Code) {
		return false, errors.New("an error object")
	}

	return b.AffectedRows.integer() > 0, nil
}

func isSet(value jsontext.Value) bool {
	switch value.String() {
	case "", "null", `""`, "false":
		return false
	default:
		return true
	}
}
