package emulator

import (
	"context"
	"errors"
	"net/http"
)

// directory knows whose access tokens are good, and who the users are: the accounts of the instance itself, or those of
// a real Keycloak. It is asked without the lock of the Server, as an answer can take a while; what it answers is read
// with the lock held.
type directory interface {
	// caller returns the account that the access token of a request belongs to. A token that is not good is an
	// errUnauthorized.
	caller(r *http.Request) (*account, error)
	// byEmail returns the account with an e-mail, in any letter case, or nil if there is none.
	byEmail(ctx context.Context, email string) (*account, error)
	// byID returns the account with an id, or nil if there is none.
	byID(ctx context.Context, id string) (*account, error)
	// all returns every account except those behind clients.
	all(ctx context.Context) ([]*account, error)
}

var errUnauthorized = errors.New("the access token is missing, invalid or expired")

// userResolver is a request that names users. It looks them up before its work is done.
type userResolver interface {
	find(ctx context.Context, users directory, caller *account) error
}

// localDirectory holds the accounts of the instance itself.
type localDirectory struct{ s *Server }

func (o localDirectory) caller(r *http.Request) (*account, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	if token, ok := bearer(r); ok {
		if caller := o.s.store.byToken(token); caller != nil {
			return caller, nil
		}
	}
	if claims, ok := o.s.verifyAccess(r); ok {
		if caller, known := o.s.store.users[claims.Subject]; known {
			return caller, nil
		}
	}
	return nil, errUnauthorized
}

func (o localDirectory) byEmail(_ context.Context, email string) (*account, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	return o.s.store.byEmail(email), nil
}

func (o localDirectory) byID(_ context.Context, id string) (*account, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	return o.s.store.users[id], nil
}

func (o localDirectory) all(context.Context) ([]*account, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	users := []*account{}
	for _, u := range o.s.store.users {
		if !u.service {
			users = append(users, u)
		}
	}
	return users, nil
}
