package emulator

import (
	"cmp"
	"context"
	"net/http"
	"strings"
)

// memberRequest is the body of the three calls on members. An absent, a null and an empty text mean the same.
type memberRequest struct {
	WorkspaceID *int64 `json:"workspace_id"`
	Email       string `json:"email"`
	UserID      string `json:"user_id"`
	UserType    string `json:"user_type"`
}

type wireMember struct {
	UserID   string  `json:"user_id"`
	UserType *string `json:"user_type"`
	Email    string  `json:"email,omitempty"`
}

func (s *Server) listMembers(ctx context.Context, caller User, request memberRequest) (any, error) {
	if request.WorkspaceID == nil {
		return nil, errNoWorkspaceID
	}

	opts := s.options()
	members := []wireMember{}

	for id, role := range s.membersFor(caller, *request.WorkspaceID) {
		member := wireMember{UserID: id, UserType: &role}
		if role == Collaborator && opts.NullUserType {
			member.UserType = nil
		}

		if opts.MemberEmails {
			u, err := s.directory.ByID(ctx, id)
			if err != nil {
				return nil, err
			}

			if u != nil {
				member.Email = u.Email
			}
		}

		members = append(members, member)
	}

	shuffled(members, func(m wireMember) string { return m.UserID })

	return map[string]any{"users": members}, nil
}

// membersFor returns the members of a workspace that the caller may see, and none of another.
func (s *Server) membersFor(caller User, workspaceID int64) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()

	w, ok := s.store.visible(workspaceID, caller)
	if !ok {
		return nil
	}

	return w.copy().Members
}

var errNoWorkspaceID = refuse(http.StatusBadRequest, "missing field `workspace_id`")

// named are the accounts that a request names, nil where there is no such account.
type named struct{ byEmail, byID *User }

// lookUp leaves in the request only what the API takes of it, and returns the accounts that it names.
func (s *Server) lookUp(ctx context.Context, request *memberRequest, by Identifier) (found named, err error) {
	switch by {
	case ByEmail:
		request.UserID = ""
	case ByID:
		request.Email = ""
	}

	if request.Email != "" {
		found.byEmail, err = s.directory.ByEmail(ctx, request.Email)
	}

	if err == nil && request.UserID != "" {
		found.byID, err = s.directory.ByID(ctx, request.UserID)
	}

	return found, err
}

// changeable returns the workspace of a change to its members. The caller must hold s.mu.
func (s *Server) changeable(caller User, request memberRequest, by Identifier) (*Workspace, error) {
	switch {
	case request.WorkspaceID == nil:
		return nil, errNoWorkspaceID
	case request.Email == "" && request.UserID == "":
		required := map[Identifier]string{ByEmail: "email", ByID: "user_id"}[by]
		return nil, refuse(http.StatusBadRequest, "%s is required", cmp.Or(required, "email or user_id"))
	}

	w, ok := s.store.visible(*request.WorkspaceID, caller)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "workspace %d not found", *request.WorkspaceID)
	}

	if s.opts.OwnersOnly && !caller.Admin && w.Members[caller.ID] != Owner {
		return nil, refuse(http.StatusForbidden, "only an owner may change the users of workspace %d", w.ID)
	}

	return w, nil
}

func (s *Server) addMember(ctx context.Context, caller User, request memberRequest) (any, error) {
	by := s.options().AddBy

	found, err := s.lookUp(ctx, &request, by)
	if err != nil {
		return nil, err
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	w, err := s.changeable(caller, request, by)
	if err != nil {
		return nil, err
	}

	role, err := s.opts.UserType.role(request.UserType)
	if err != nil {
		return nil, err
	}

	user, err := found.one(request)
	if err != nil {
		return nil, err
	}

	_, member := w.Members[user.ID]
	switch status := s.opts.PresentMemberStatus; {
	case member && status != 0:
		return nil, refuse(status, "the user is already a member of workspace %d", w.ID)
	case !member, s.opts.Roles != RolesSticky && s.opts.UserType != UserTypeIgnored:
		w.Members[user.ID] = role
	}

	return struct{}{}, nil
}

// one returns the account that the request names.
func (n named) one(request memberRequest) (*User, error) {
	switch {
	case request.Email != "" && n.byEmail == nil:
		return nil, refuse(http.StatusBadRequest, "User with email %s does not exist", request.Email)
	case request.UserID != "" && n.byID == nil:
		return nil, refuse(http.StatusBadRequest, "User with id %s does not exist", request.UserID)
	case request.Email != "" && request.UserID != "" && n.byEmail.ID != n.byID.ID:
		return nil, refuse(http.StatusBadRequest, "email and user_id name different users")
	}

	return cmp.Or(n.byEmail, n.byID), nil
}

// role returns the role that user_type asks for.
func (t UserType) role(value string) (string, error) {
	role, ok := parseRole(value)
	switch {
	case t == UserTypeIgnored:
		return Collaborator, nil
	case t == UserTypeRefused && value != "":
		return "", refuse(http.StatusBadRequest, "unknown field `user_type`")
	case !ok, t == UserTypeUpper && value != strings.ToUpper(value), t == UserTypeLower && value != strings.ToLower(value):
		return "", refuse(http.StatusBadRequest, "unknown user_type %q, expected owner or collaborator", value)
	}

	return role, nil
}

// parseRole reads a role in any letter case. No role means Collaborator.
func parseRole(value string) (string, bool) {
	switch role := strings.ToUpper(value); role {
	case "":
		return Collaborator, true
	case Owner, Collaborator:
		return role, true
	}

	return "", false
}

func (s *Server) removeMember(ctx context.Context, caller User, request memberRequest) (any, error) {
	by := s.options().RemoveBy

	found, err := s.lookUp(ctx, &request, by)
	if err != nil {
		return nil, err
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	w, err := s.changeable(caller, request, by)
	if err != nil {
		return nil, err
	}

	id := request.UserID
	if id == "" && found.byEmail != nil {
		id = found.byEmail.ID
	}

	rows := 0

	if _, member := w.Members[id]; member {
		delete(w.Members, id)

		rows = 1
	}

	if s.opts.NoAffectedRows {
		return struct{}{}, nil
	}

	return map[string]int{"affected_rows": rows}, nil
}
