package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// AddUser adds an account and returns its ID. It panics if the ID, the user name, the email or the opaque token is in use,
// or if there is neither a user name nor an email: all are mistakes of the caller.
func (s *Server) AddUser(user User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	user.Email = strings.ToLower(user.Email)
	user.Username = strings.ToLower(orDefault(user.Username, user.Email))
	user.Password = orDefault(user.Password, SeedPassword)
	user.RequiredActions = slices.Clone(user.RequiredActions)
	s.store.usersMade++
	if user.ID == "" {
		user.ID = uuid("user", s.store.usersMade, user.Username)
	}
	_, taken := s.store.users[user.ID]
	if user.Username == "" || taken || s.store.byLogin(user.Username) != nil || s.store.byEmail(user.Email) != nil ||
		s.store.byToken(user.Token) != nil {
		panic(fmt.Sprintf("emulator: user %q has no name, or its ID, name, email or token is in use", user.Username))
	}
	s.store.users[user.ID] = &account{User: user, created: s.opts.Now()}
	return user.ID
}

// Users returns copies of all accounts except those behind clients, sorted by user name.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []User{}
	for _, u := range s.store.users {
		if !u.service {
			user := u.User
			user.RequiredActions = slices.Clone(u.RequiredActions)
			out = append(out, user)
		}
	}
	slices.SortFunc(out, func(a, b User) int { return strings.Compare(a.Username, b.Username) })
	return out
}

// SetUserEmail changes the e-mail of an account; the user name stays. Like the other changes of one account, it panics if
// there is no such account.
func (s *Server) SetUserEmail(id, email string) {
	s.changeUser(id, func(u *account) { u.Email = strings.ToLower(email) })
}

// SetUserEnabled sets whether an account may sign in.
func (s *Server) SetUserEnabled(id string, enabled bool) {
	s.changeUser(id, func(u *account) { u.Disabled = !enabled })
}

// SetUserPassword changes the password of an account, and unlocks it. Its sessions stay.
func (s *Server) SetUserPassword(id, password string) {
	s.changeUser(id, func(u *account) { u.Password, u.failures = password, 0 })
}

// SetUserToken changes the opaque bearer token of an account; "" takes it away.
func (s *Server) SetUserToken(id, token string) {
	s.changeUser(id, func(u *account) { u.Token = token })
}

// SetUserAdmin sets whether an account sees every workspace. Tokens that exist are not changed.
func (s *Server) SetUserAdmin(id string, admin bool) {
	s.changeUser(id, func(u *account) { u.Admin = admin })
}

// DeleteUser takes an account out of the directory. Workspaces go on listing its id as a member.
func (s *Server) DeleteUser(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.store.users, id)
}

func (s *Server) changeUser(id string, change func(*account)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.store.users[id]
	if !ok {
		panic(fmt.Sprintf("emulator: there is no user %q", id))
	}
	change(u)
}

// RevokeTokens makes every access token so far invalid. Refresh tokens stay.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.logins.access)
}

// ExpireRefreshTokens makes every refresh token so far count as expired. Access tokens stay.
func (s *Server) ExpireRefreshTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.logins.refresh)
}

// LogoutAll closes every session: refresh tokens are refused, and Keycloak's admin reads refuse access tokens too. The
// MLOps API looks only at the token itself and goes on taking it.
func (s *Server) LogoutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, login := range s.logins.sessions {
		login.closed, login.stale = true, true
	}
}

// RevokeBeforeNow does what setting the realm's not-before to this moment does: refresh tokens so far are refused as
// stale, and Keycloak's admin reads refuse access tokens so far. The MLOps API goes on taking them.
func (s *Server) RevokeBeforeNow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.logins.stale, s.logins.access)
	maps.Copy(s.logins.stale, s.logins.refresh)
	s.logins.notBefore = s.opts.Now().Unix()
}

// SetOnRequest replaces Options.OnRequest; nil removes it.
func (s *Server) SetOnRequest(hook func(Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.OnRequest = hook
}
