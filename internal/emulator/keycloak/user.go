package keycloak

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DefaultPassword is the password of accounts that are added without one.
const DefaultPassword = "emulator"

// User is an account.
type User struct {
	// ID is the Keycloak ID. AddUser makes one when it is empty.
	ID string `json:"id"`
	// Username is kept in lower case. Default: Email.
	Username string `json:"username"`
	// Email is kept in lower case. It may be empty.
	Email string `json:"email"`
	// Password is what the account authenticates with. Default: DefaultPassword.
	Password string `json:"password"`
	// Token is an opaque bearer token that never expires. Default: none.
	Token string `json:"token"`
	// FirstName and LastName may be empty.
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	// Admin accounts have the realm role admin.
	Admin bool `json:"admin"`
	// Disabled accounts cannot authenticate.
	Disabled bool `json:"disabled"`
	// RequiredActions are what the account must do before it can authenticate, such as UPDATE_PASSWORD.
	RequiredActions []string `json:"required_actions"`

	// ServiceAccount is set for the account behind a client.
	ServiceAccount bool `json:"-"`
	// CreatedAt is set by the server.
	CreatedAt time.Time `json:"-"`
}

func (u *User) copy() User {
	out := *u
	out.RequiredActions = slices.Clone(u.RequiredActions)

	return out
}

// Representation returns the fields that every form of a user has in Keycloak. Empty ones are absent.
func (u *User) Representation() map[string]any {
	out := map[string]any{
		"id":               u.ID,
		"username":         u.Username,
		"enabled":          !u.Disabled,
		"emailVerified":    false,
		"createdTimestamp": u.CreatedAt.UnixMilli(),
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

// AddAll adds accounts and returns their IDs. It ends at the first whose ID, user name, email or opaque token is in use, or that
// has neither a user name nor an email. A hundred thousand take no longer than a moment.
func (s *Server) AddAll(users []User) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	inUse := map[userKey]bool{}

	for _, u := range s.users {
		for _, key := range u.keys() {
			inUse[key] = true
		}
	}

	ids := make([]string, 0, len(users))
	for _, user := range users {
		u := s.complete(user)
		if u.Username == "" {
			return ids, fmt.Errorf("user %q has neither a username nor an email", u.ID)
		}

		for _, key := range u.keys() {
			if inUse[key] {
				return ids, fmt.Errorf("user %q: %s already in use", u.Username, key.field)
			}

			inUse[key] = true
		}

		s.users[u.ID] = &u
		ids = append(ids, u.ID)
	}

	return ids, nil
}

// complete returns a copy of an account with every default filled in. The caller must hold s.mu.
func (s *Server) complete(user User) User {
	u := user.copy()
	u.Email = strings.ToLower(u.Email)
	u.Username = strings.ToLower(cmp.Or(u.Username, u.Email))

	u.Password = cmp.Or(u.Password, DefaultPassword)
	if u.CreatedAt.IsZero() {
		u.CreatedAt = s.opts.Now()
	}

	s.added++
	if u.ID == "" {
		u.ID = uuid("user", s.added, u.Username)
	}

	return u
}

// userKey is a field of an account whose value no other account may have.
type userKey struct{ field, value string }

// keys returns the keys that the account has.
func (u *User) keys() []userKey {
	all := []userKey{{"ID", u.ID}, {"username", u.Username}, {"email", u.Email}, {"token", u.Token}}
	return slices.DeleteFunc(all, func(k userKey) bool { return k.value == "" })
}

// AddUser adds an account and returns its ID. It panics where AddAll fails.
func (s *Server) AddUser(user User) string {
	ids, err := s.AddAll([]User{user})
	if err != nil {
		panic("emulator: " + err.Error())
	}

	return ids[0]
}

// Users returns copies of all accounts except service accounts, sorted by user name.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()

	out := []User{}

	for _, u := range s.users {
		if !u.ServiceAccount {
			out = append(out, u.copy())
		}
	}

	slices.SortFunc(out, func(a, b User) int { return strings.Compare(a.Username, b.Username) })

	return out
}

// SetUserEmail changes the email of an account; the user name stays. Like the other changes of one account, it panics if
// there is no such account.
func (s *Server) SetUserEmail(id, email string) {
	s.change(id, func(u *User) { u.Email = strings.ToLower(email) })
}

// SetUserEnabled sets whether an account may authenticate.
func (s *Server) SetUserEnabled(id string, enabled bool) {
	s.change(id, func(u *User) { u.Disabled = !enabled })
}

// SetUserPassword changes the password of an account. Its sessions stay.
func (s *Server) SetUserPassword(id, password string) {
	s.change(id, func(u *User) { u.Password = password })
}

// SetUserAdmin sets whether an account has the realm role admin.
func (s *Server) SetUserAdmin(id string, admin bool) {
	s.change(id, func(u *User) { u.Admin = admin })
}

// DeleteUser takes an account out of the directory. Workspaces go on listing its ID as a member.
func (s *Server) DeleteUser(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	delete(s.users, id)
}

func (s *Server) change(id string, change func(*User)) {
	s.mu.Lock()
	defer s.mu.Unlock()

	u, ok := s.users[id]
	if !ok {
		panic(fmt.Sprintf("emulator: there is no user %q", id))
	}

	change(u)
}

// find returns the account for which match is true, or nil. The caller must hold s.mu.
func (s *Server) find(match func(*User) bool) *User {
	for _, u := range s.users {
		if match(u) {
			return u
		}
	}

	return nil
}

// byEmail returns the account with that email, in any letter case, or nil. The caller must hold s.mu.
func (s *Server) byEmail(email string) *User {
	return s.find(func(u *User) bool { return email != "" && strings.EqualFold(u.Email, email) })
}

// byLogin returns the account that authenticates with that user name or email, in any letter case, or nil. The caller must
// hold s.mu.
func (s *Server) byLogin(name string) *User {
	named := s.find(func(u *User) bool { return !u.ServiceAccount && strings.EqualFold(u.Username, name) })
	return cmp.Or(named, s.byEmail(name))
}

// uuid returns an ID in the form of a UUID that depends on the parts alone, so that the same calls give the same IDs.
func uuid(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
	sum[6] = sum[6]&0x0f | 0x40
	sum[8] = sum[8]&0x3f | 0x80

	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
