package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// adminUsers is the path of the users in Keycloak's admin API.
const adminUsers = "/auth/admin/realms/master/users"

// authenticateAdmin is stricter than the MLOps API: Keycloak also looks at the issuer, the session and the account.
func (s *Server) authenticateAdmin(c *call) *answer {
	claims, ok := s.verifyAccess(c.r)
	if ok && claims.Issuer == issuer(c.r) && s.sessionOpen(claims.Session) {
		if u, known := s.store.users[claims.Subject]; known && !u.Disabled {
			return nil
		}
	}
	a := keycloakError(http.StatusUnauthorized, "HTTP 401 Unauthorized", "")
	return &a
}

func (s *Server) adminListUsers(c *call) answer {
	if refused := s.authenticateAdmin(c); refused != nil {
		return *refused
	}
	query := c.r.URL.Query()
	exact := query.Get("exact") == "true"
	found := []*account{}
	for _, u := range s.store.users {
		if !u.service && matches(u.Email, query.Get("email"), exact) && matches(u.Username, query.Get("username"), exact) {
			found = append(found, u)
		}
	}
	slices.SortFunc(found, func(a, b *account) int { return strings.Compare(a.Username, b.Username) })
	users := make([]map[string]any, len(found))
	for i, u := range found {
		users[i] = adminUser(u)
	}
	return jsonAnswer(http.StatusOK, users)
}

// matches reports whether a value has the wanted text in it, or is equal to it. No wanted text matches everything.
func matches(value, wanted string, exact bool) bool {
	wanted = strings.ToLower(wanted)
	if exact && wanted != "" {
		return value == wanted
	}
	return strings.Contains(value, wanted)
}

func (s *Server) adminGetUser(c *call) answer {
	if refused := s.authenticateAdmin(c); refused != nil {
		return *refused
	}
	u, ok := s.store.users[strings.TrimPrefix(c.r.URL.Path, adminUsers+"/")]
	if !ok {
		return jsonAnswer(http.StatusNotFound, map[string]string{"error": "User not found"})
	}
	return jsonAnswer(http.StatusOK, adminUser(u))
}

func adminUser(u *account) map[string]any {
	out := representation(u)
	out["totp"] = false
	return out
}
