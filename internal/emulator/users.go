package emulator

import (
	"context"
	"net/http"
	"strconv"
)

type queryUsersRequest struct {
	UserIDs []string `json:"user_ids"`

	found []*account
}

func (r *queryUsersRequest) find(ctx context.Context, users directory, _ *account) (err error) {
	if r.UserIDs == nil {
		r.found, err = users.all(ctx)
		return err
	}
	for _, id := range r.UserIDs {
		u, err := users.byID(ctx, id)
		if err != nil {
			return err
		}
		if u != nil && !u.service {
			r.found = append(r.found, u)
		}
	}
	return nil
}

func (s *Server) queryUsers(_ *account, request queryUsersRequest) answer {
	switch s.opts.UsersQuery {
	case UsersQueryWorks:
	case UsersQueryEmpty:
		return jsonAnswer(http.StatusOK, struct{}{})
	case UsersQueryHTML:
		return htmlAnswer(http.StatusOK, "<html><body><h1>Log in</h1></body></html>")
	case UsersQueryClosed:
		panic(http.ErrAbortHandler)
	default:
		status, _ := strconv.Atoi(s.opts.UsersQuery)
		return apiError(status, "the users of this instance cannot be queried")
	}
	users := map[string]map[string]any{}
	form := listedUser
	if request.UserIDs != nil {
		form = askedUser
	}
	for _, id := range request.UserIDs {
		users[id] = nil
	}
	for _, u := range request.found {
		users[u.ID] = form(u)
	}
	return jsonAnswer(http.StatusOK, map[string]any{"users": users})
}

// representation holds the fields that every form of a user has. Empty ones are absent, as Keycloak leaves them out.
func representation(u *account) map[string]any {
	out := map[string]any{
		"id":               u.ID,
		"username":         u.Username,
		"enabled":          !u.Disabled,
		"emailVerified":    false,
		"createdTimestamp": u.created.UnixMilli(),
		"access": map[string]bool{
			"impersonate": true, "manage": true, "manageGroupMembership": true, "mapRoles": true, "view": true,
		},
		"disableableCredentialTypes": []string{},
		"notBefore":                  0,
		"requiredActions":            append([]string{}, u.RequiredActions...),
	}
	for name, value := range map[string]string{"email": u.Email, "firstName": u.FirstName, "lastName": u.LastName} {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

// listedUser is the form in the answer to a query for all users.
func listedUser(u *account) map[string]any {
	out := representation(u)
	out["lastLogin"] = nil
	if !u.lastLogin.IsZero() {
		out["lastLogin"] = u.lastLogin.UnixMilli()
	}
	if u.Admin {
		out["realmRoles"] = []string{"admin"}
	}
	return out
}

// askedUser is the form in the answer to a query by id, which differs on real instances too.
func askedUser(u *account) map[string]any {
	out := representation(u)
	out["lastLogin"] = nil
	out["federatedIdentities"] = []any{}
	return out
}
