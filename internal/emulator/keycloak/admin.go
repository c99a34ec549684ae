package keycloak

import (
	"net/http"
	"strconv"
	"strings"
)

// mayRead reports whether a request may read accounts, and answers it if not.
func (s *Server) mayRead(w http.ResponseWriter, r *http.Request) bool {
	u, err := s.Authenticate(r)
	if err != nil || u.Disabled {
		writeJSON(w, http.StatusUnauthorized, oauthError{Code: "HTTP 401 Unauthorized"})
		return false
	}

	return true
}

func (s *Server) serveUsers(w http.ResponseWriter, r *http.Request) {
	if !s.mayRead(w, r) {
		return
	}

	query := r.URL.Query()
	found := []map[string]any{}

	for _, u := range s.Users() {
		exact := query.Get("exact") == "true"
		if matches(u.Email, query.Get("email"), exact) && matches(u.Username, query.Get("username"), exact) {
			found = append(found, adminUser(&u))
		}
	}

	found = found[min(number(query.Get("first"), 0), len(found)):]
	writeJSON(w, http.StatusOK, found[:min(number(query.Get("max"), 100), len(found))])
}

// matches reports whether a value has the wanted text in it, or is equal to it. No wanted text matches everything.
func matches(value, wanted string, exact bool) bool {
	wanted = strings.ToLower(wanted)
	if exact && wanted != "" {
		return value == wanted
	}

	return strings.Contains(value, wanted)
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return n
	}

	return otherwise
}

func (s *Server) serveUser(w http.ResponseWriter, r *http.Request) {
	if !s.mayRead(w, r) {
		return
	}

	u, _ := s.ByID(r.Context(), r.PathValue("id"))
	if u == nil {
		writeJSON(w, http.StatusNotFound, oauthError{Code: "User not found"})
		return
	}

	writeJSON(w, http.StatusOK, adminUser(u))
}

func adminUser(u *User) map[string]any {
	out := u.Representation()
	out["totp"] = false

	return out
}
