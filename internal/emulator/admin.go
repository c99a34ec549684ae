package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// adminUsers is the path of the users in Keycloak's admin API.
const adminUsers = "/auth/admin/realms/master/users"

// authenticateAdmin is stricter than the MLOps API: Keycloak also looks at the issuer, the session and the account.
func (s *Server) authenticateAdmin(c *call) *answer {
	claims, ok := s.verifyAccess(c.r)
	if ok && !s.logins.stale[claims.ID] && claims.Issuer == issuer(c.r) && s.sessionOpen(claims.Session) {
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
	page := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil && n >= 0 {
			return n
		}
		return otherwise
	}
	found = found[min(page("first", 0), len(found)):]
	found = found[:min(page("max", 100), len(found))]
	users := make([]map[string]any, len(found))
	for i, u := range found {
		users[i] = adminUser(u)
	}
	return jsonAnswer(http.StatusOK, users)
}

// matches reports whether a value has the wanted text in it, or is equal to it. No wanted text matches everything. Unless
// it must be equal, _ in it stands for any character and % for any number of them: Keycloak hands the text to its database.
func matches(value, wanted string, exact bool) bool {
	wanted = strings.ToLower(wanted)
	if exact && wanted != "" {
		return value == wanted
	}
	return like(value, "%"+wanted+"%")
}

// like is the operator of SQL.
func like(value, pattern string) bool {
	before, rest, many := strings.Cut(pattern, "%")
	fits := func(at int) bool {
		for i := range len(before) {
			if at+i >= len(value) || (before[i] != '_' && before[i] != value[at+i]) {
				return false
			}
		}
		return true
	}
	if !fits(0) {
		return false
	}
	value = value[len(before):]
	if !many {
		return value == ""
	}
	for ; ; value = value[1:] {
		if like(value, rest) {
			return true
		}
		if value == "" {
			return false
		}
	}
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
