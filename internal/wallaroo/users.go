package wallaroo

import (
	"context"
	"errors"
	"fmt"
)

// User is an account of the instance's user directory.
type User struct {
	// ID is the Keycloak id.
	ID string
	// Username is what the user signs in with, in lower case.
	Username string
	// Email may be empty: the built-in admin has none.
	Email     string
	FirstName string
	LastName  string
	// Enabled is false for a deactivated account.
	Enabled bool
}

// Caller is the account that calls are made with, read from the access token's
// claims. Fields that the token does not hold are empty.
type Caller struct {
	UserID   string
	Email    string
	Username string
	// Issuer is the address of the realm that issued the token.
	Issuer string
	// Instance tells one instance from another: the issuer, else the host of the
	// endpoint. It is never empty.
	Instance string
}

// Users returns accounts by id: all of them, or those of ids. Ids that the
// instance does not know are left out.
func (c *Client) Users(ctx context.Context, ids ...string) (map[string]User, error) {
	return call[userMap](ctx, c, read("users/query"), userFilter{UserIDs: ids})
}

type userMap struct {
	Users *map[string]*userRecord `json:"users"`
}

type userRecord struct {
	ID        identifier `json:"id"`
	Username  string     `json:"username"`
	Email     string     `json:"email"`
	FirstName string     `json:"firstName"`
	LastName  string     `json:"lastName"`
	Enabled   *bool      `json:"enabled"`
}

func (d userMap) result() (map[string]User, error) {
	if d.Users == nil {
		return nil, errors.New(`no "users"`)
	}
	users := make(map[string]User, len(*d.Users))
	for id, record := range *d.Users {
		switch {
		case id == "":
			return nil, errors.New("a user without an id")
		case record == nil:
			continue
		case record.ID != "" && string(record.ID) != id:
			return nil, fmt.Errorf("user %s under the id %s", record.ID, id)
		}
		users[id] = User{
			ID: id, Username: record.Username, Email: record.Email, FirstName: record.FirstName,
			LastName: record.LastName, Enabled: record.Enabled == nil || *record.Enabled,
		}
	}
	return users, nil
}
