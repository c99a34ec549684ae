package emulator

import (
	"net/http"
)

type queryUsersRequest struct {
	UserIDs []string `json:"user_ids"`
}

func (s *Server) queryUsers(_ *account, request queryUsersRequest) answer {
	if status := s.opts.UsersQueryStatus; status != 0 {
		return apiError(status, "the users of this instance cannot be queried")
	}
	users := map[string]map[string]any{}
	if request.UserIDs == nil {
		for id, u := range s.store.users {
			if !u.service {
				users[id] = listedUser(u)
			}
		}
		return jsonAnswer(http.StatusOK, map[string]any{"users": users})
	}
	for _, id := range request.UserIDs {
		users[id] = nil
		if u, ok := s.store.users[id]; ok && !u.service {
			users[id] = askedUser(u)
		}
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
