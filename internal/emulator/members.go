package emulator

import (
	"context"
	"net/http"
	"strings"
)

// memberRequest is the body of the three calls on members. An absent, a null and an empty text mean the same.
type memberRequest struct {
	WorkspaceID *int64  `json:"workspace_id"`
	Email       *string `json:"email"`
	UserID      *string `json:"user_id"`
	UserType    *string `json:"user_type"`

	// byEmail and byID are the accounts that are named, if there are such.
	byEmail, byID *account
}

func (r *memberRequest) find(ctx context.Context, users directory, _ *account) (err error) {
	if r.email() != "" {
		r.byEmail, err = users.byEmail(ctx, r.email())
	}
	if err == nil && r.userID() != "" {
		r.byID, err = users.byID(ctx, r.userID())
	}
	return err
}

func (r memberRequest) email() string  { return text(r.Email) }
func (r memberRequest) userID() string { return text(r.UserID) }

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

type wireMember struct {
	UserID   string  `json:"user_id"`
	UserType *string `json:"user_type"`
	Email    string  `json:"email,omitempty"`
}

func (s *Server) listMembers(caller *account, request memberRequest) answer {
	if request.WorkspaceID == nil {
		return apiError(http.StatusBadRequest, "missing field `workspace_id`")
	}
	members := []wireMember{}
	if w, ok := s.store.visible(*request.WorkspaceID, caller); ok {
		for id, role := range w.Members {
			member := wireMember{UserID: id, UserType: &role}
			if role == Collaborator && s.opts.NullUserType {
				member.UserType = nil
			}
			if u, ok := s.store.users[id]; ok && s.opts.MemberEmails {
				member.Email = u.Email
			}
			members = append(members, member)
		}
	}
	shuffled(members, func(m wireMember) string { return m.UserID })
	return jsonAnswer(http.StatusOK, map[string]any{"users": members})
}

// take leaves in the request only what the API takes of it. It reports whether that names a user.
func (r *memberRequest) take(by Identifier) bool {
	switch by {
	case ByEmail:
		r.UserID, r.byID = nil, nil
	case ByID:
		r.Email, r.byEmail = nil, nil
	}
	return r.email() != "" || r.userID() != ""
}

// changeable returns the workspace of a change to its members, or the answer that refuses the change.
func (s *Server) changeable(caller *account, request *memberRequest, by Identifier) (*Workspace, *answer) {
	refuse := func(status int, format string, args ...any) (*Workspace, *answer) {
		a := apiError(status, format, args...)
		return nil, &a
	}
	if request.WorkspaceID == nil {
		return refuse(http.StatusBadRequest, "missing field `workspace_id`")
	}
	if !request.take(by) {
		return refuse(http.StatusBadRequest, "%s is required", orDefault(map[Identifier]string{ByEither: "email or user_id"}[by], string(by)))
	}
	w, ok := s.store.visible(*request.WorkspaceID, caller)
	if !ok {
		return refuse(http.StatusBadRequest, "workspace %d not found", *request.WorkspaceID)
	}
	if s.opts.OwnersOnly && !caller.Admin && w.Members[caller.ID] != Owner {
		return refuse(http.StatusForbidden, "only an owner may change the users of workspace %d", w.ID)
	}
	return w, nil
}

func (s *Server) addMember(caller *account, request memberRequest) answer {
	w, refused := s.changeable(caller, &request, s.opts.AddBy)
	if refused != nil {
		return *refused
	}
	role, refused := s.opts.UserType.role(text(request.UserType))
	if refused != nil {
		return *refused
	}
	user, refused := request.existing()
	if refused != nil {
		return *refused
	}
	_, member := w.Members[user.ID]
	switch status := s.opts.PresentMemberStatus; {
	case member && status != 0:
		return apiError(status, "the user is already a member of workspace %d", w.ID)
	case !member, s.opts.Roles == RolesUpsert && s.opts.UserType != UserTypeIgnored:
		w.Members[user.ID] = role
	}
	return jsonAnswer(http.StatusOK, struct{}{})
}

// role returns the role that user_type asks for, or the answer that refuses it.
func (t UserType) role(value string) (string, *answer) {
	refuse := func(format string, args ...any) (string, *answer) {
		a := apiError(http.StatusBadRequest, format, args...)
		return "", &a
	}
	role, ok := parseRole(value)
	switch {
	case t == UserTypeIgnored:
		return Collaborator, nil
	case t == UserTypeRefused && value != "":
		return refuse("unknown field `user_type`")
	case !ok, t == UserTypeUpper && value != strings.ToUpper(value), t == UserTypeLower && value != strings.ToLower(value):
		return refuse("unknown user_type %q, expected owner or collaborator", value)
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

// existing returns the account that the request names, or the answer that refuses it.
func (r memberRequest) existing() (*account, *answer) {
	refuse := func(format string, args ...any) (*account, *answer) {
		a := apiError(http.StatusBadRequest, format, args...)
		return nil, &a
	}
	switch {
	case r.email() != "" && r.byEmail == nil:
		return refuse("User with email %s does not exist", r.email())
	case r.userID() != "" && r.byID == nil:
		return refuse("User with id %s does not exist", r.userID())
	case r.email() == "":
		return r.byID, nil
	case r.userID() != "" && r.byEmail.ID != r.byID.ID:
		return refuse("email and user_id name different users")
	}
	return r.byEmail, nil
}

func (s *Server) removeMember(caller *account, request memberRequest) answer {
	w, refused := s.changeable(caller, &request, s.opts.RemoveBy)
	if refused != nil {
		return *refused
	}
	id := request.userID()
	if id == "" && request.byEmail != nil {
		id = request.byEmail.ID
	}
	rows := 0
	if _, member := w.Members[id]; member {
		delete(w.Members, id)
		rows = 1
	}
	if s.opts.NoAffectedRows {
		return jsonAnswer(http.StatusOK, struct{}{})
	}
	return jsonAnswer(http.StatusOK, map[string]int{"affected_rows": rows})
}
