package wallaroo

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// User is an account of the instance's user directory.
type User struct {
	// ID is the Keycloak ID.
	ID string
	// Username is the name of the account, in lower case.
	Username string
	// Email may be empty: the built-in admin has none.
	Email     string
	FirstName string
	LastName  string
	// Enabled is false for a deactivated account.
	Enabled bool
}

// CurrentUser is the account that calls are made with, read from the access token's
// claims. Fields that the token does not hold are empty.
type CurrentUser struct {
	UserID   string
	Email    string
	Username string
	// Login is the name that the credentials authenticate with, whatever the token holds.
	Login string
	// Issuer is the address of the realm that issued the token.
	Issuer string
	// Instance identifies the instance: the issuer, else the host of the
	// endpoint. It is never empty.
	Instance string
}

// Users returns accounts by ID: all of them, or those of ids. IDs that the
// instance does not know are left out.
func (c *Client) Users(ctx context.Context, ids ...string) (map[string]User, error) {
	return call[userMap](ctx, c, read("users/query"), userFilter{UserIDs: ids})
}

type userMap struct {
	Users users `json:"users"`
}

func (b userMap) value() (map[string]User, error) {
	if b.Users == nil {
		return nil, errors.New(`no "users"`)
	}

	return b.Users, nil
}

// users are decoded one by one. They are nil where a response has null.
type users map[string]User

// UnmarshalJSONFrom reads one value. It fails where a user does.
func (u *users) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != jsontext.KindBeginObject {
		return json.UnmarshalDecode(dec, new(map[string]any)) // null, or else the error of another type
	}

	*u = users{}

	return each(dec, func() error {
		id, err := dec.ReadToken()
		if err != nil {
			return err
		}

		name, record := id.String(), (*userRecord)(nil)
		if err := json.UnmarshalDecode(dec, &record); err != nil || record == nil {
			return err
		}

		(*u)[name], err = record.user(name)

		return err
	})
}

type userRecord struct {
	ID        scalar `json:"id"`
	Username  string `json:"username"`
	Email     string `json:"email"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Enabled   *bool  `json:"enabled"`
}

func (b *userRecord) user(id string) (User, error) {
	switch {
	case id == "":
		return User{}, contentError{errors.New("a user without an ID")}
	case b.ID != "" && string(b.ID) != id:
		return User{}, contentError{fmt.Errorf("user %s under the ID %s", b.ID, id)}
	}

	return User{
		ID: id, Username: b.Username, Email: b.Email, FirstName: b.FirstName, LastName: b.LastName,
		Enabled: b.Enabled == nil || *b.Enabled,
	}, nil
}
