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

// The roles that the API documents. An answer may hold others; they are kept as
// they are.
const (
	RoleOwner        Role = "OWNER"
	RoleCollaborator Role = "COLLABORATOR"
)

// Member is one user of a workspace.
type Member struct {
	// UserID is the Keycloak id of the user. The user may no longer exist.
	UserID string
	// Role is upper case. An answer without a role means [RoleCollaborator],
	// the default that the API documents.
	Role Role
}

// NewMember says whom to add to a workspace, or whose role to change.
type NewMember struct {
	WorkspaceID int64
	// Email and UserID name the user; at least one is set.
	Email  string
	UserID string
	// Role is sent in lower case, as Wallaroo's SDK does. Empty sends no role:
	// the instance then makes a collaborator.
	Role Role
}

// ListMembers returns the members of a workspace, in no order. A workspace that
// does not exist or that the caller may not see can look like an empty one.
func (c *Client) ListMembers(ctx context.Context, workspaceID int64) ([]Member, error) {
	return call[memberList](ctx, c, read("workspaces/list_users"), memberRequest{WorkspaceID: workspaceID})
}

// AddMember adds a user to a workspace, or changes the role of a member.
func (c *Client) AddMember(ctx context.Context, member NewMember) error {
	if member.Email == "" && member.UserID == "" {
		return errors.New("a new member needs an e-mail or a user id")
	}
	_, err := call[addedMember](ctx, c, write("workspaces/add_user"), memberRequest{
		WorkspaceID: member.WorkspaceID,
		Email:       member.Email,
		UserID:      member.UserID,
		Role:        strings.ToLower(string(member.Role)),
	})
	return err
}

// RemoveMember removes a user from a workspace, and returns how many rows that
// changed: zero means that the user was no member.
func (c *Client) RemoveMember(ctx context.Context, workspaceID int64, userID string) (int64, error) {
	if userID == "" {
		return 0, errors.New("the removal of a member needs a user id")
	}
	return call[removedMember](ctx, c, write("workspaces/remove_user"), memberRequest{WorkspaceID: workspaceID, UserID: userID})
}

type memberRequest struct {
	WorkspaceID int64  `json:"workspace_id"`
	Email       string `json:"email,omitempty"`
	UserID      string `json:"user_id,omitempty"`
	Role        string `json:"user_type,omitempty"`
}

type memberList struct {
	Users *[]memberRecord `json:"users"`
}

type memberRecord struct {
	UserID string `json:"user_id"`
	Role   string `json:"user_type"`
}

func (d memberList) result() ([]Member, error) {
	if d.Users == nil {
		return nil, errors.New(`no "users"`)
	}
	seen := make(map[string]bool, len(*d.Users))
	members := make([]Member, 0, len(*d.Users))
	for i, record := range *d.Users {
		switch {
		case record.UserID == "":
			return nil, fmt.Errorf(`no "user_id" in member %d of the list`, i+1)
		case seen[record.UserID]:
			return nil, fmt.Errorf("member %s twice", record.UserID)
		}
		seen[record.UserID] = true
		role := RoleCollaborator
		if record.Role != "" {
			role = Role(strings.ToUpper(record.Role))
		}
		members = append(members, Member{UserID: record.UserID, Role: role})
	}
	return members, nil
}

// addedMember is any object but an error: what success holds is not documented.
type addedMember struct {
	Message jsontext.Value `json:"msg"`
	Code    jsontext.Value `json:"code"`
	Error   jsontext.Value `json:"error"`
}

func (d addedMember) result() (addedMember, error) {
	if isSet(d.Error) || isSet(d.Message) && isSet(d.Code) {
		return d, errors.New("an error object")
	}
	return d, nil
}

func isSet(value jsontext.Value) bool {
	switch value.String() {
	case "", "null", `""`, "false":
		return false
	default:
		return true
	}
}

type removedMember struct {
	Rows *int64 `json:"affected_rows"`
}

func (d removedMember) result() (int64, error) {
	if d.Rows == nil || *d.Rows < 0 {
		return 0, errors.New(`no valid "affected_rows"`)
	}
	return *d.Rows, nil
}
