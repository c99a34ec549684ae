package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// usersPage is how many users are asked for at a time.
const usersPage = 100

// keycloakUser is a user as Keycloak's admin API has it.
type keycloakUser struct {
	ID              string   `json:"id"`
	Username        string   `json:"username"`
	Email           string   `json:"email"`
	FirstName       string   `json:"firstName"`
	LastName        string   `json:"lastName"`
	Enabled         bool     `json:"enabled"`
	Created         int64    `json:"createdTimestamp"`
	RequiredActions []string `json:"requiredActions"`
	// ServiceClient is the client that the account stands behind, if it does.
	ServiceClient string `json:"serviceAccountClientId"`
}

func (u keycloakUser) account() *account {
	return &account{
		User: User{
			ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
			Disabled: !u.Enabled, RequiredActions: u.RequiredActions,
		},
		service: u.ServiceClient != "" || strings.HasPrefix(u.Username, "service-account-"),
		created: time.UnixMilli(u.Created),
	}
}

func (i *Issuer) byEmail(ctx context.Context, email string) (*account, error) {
	var found []keycloakUser
	// Only the exact search takes _ and % for what they are.
	if _, err := i.read(ctx, "?"+url.Values{"email": {email}, "exact": {"true"}}.Encode(), &found); err != nil {
		return nil, err
	}
	for _, u := range found {
		if strings.EqualFold(u.Email, email) {
			return u.account(), nil
		}
	}
	return nil, nil
}

func (i *Issuer) byID(ctx context.Context, id string) (*account, error) {
	if strings.Trim(id, ".") == "" {
		return nil, nil
	}
	var u keycloakUser
	found, err := i.read(ctx, "/"+url.PathEscape(id), &u)
	if err != nil || !found || u.ID != id {
		return nil, err
	}
	return u.account(), nil
}

func (i *Issuer) all(ctx context.Context) ([]*account, error) {
	users, seen := []*account{}, map[string]bool{}
	for first := 0; ; first += usersPage {
		var page []keycloakUser
		if _, err := i.read(ctx, fmt.Sprintf("?first=%d&max=%d", first, usersPage), &page); err != nil {
			return nil, err
		}
		fresh := false
		for _, u := range page {
			// Somebody may be added or removed between two pages, which moves the others.
			if !seen[u.ID] {
				seen[u.ID], fresh = true, true
				if found := u.account(); !found.service {
					users = append(users, found)
				}
			}
		}
		if len(page) < usersPage || !fresh {
			return users, nil
		}
	}
}

// mayRead makes sure that the client may read users.
func (i *Issuer) mayRead(ctx context.Context) error {
	var users []keycloakUser
	if _, err := i.read(ctx, "?max=1", &users); err != nil {
		return err
	}
	if len(users) == 0 {
		// Keycloak lists nobody to those who may search, but not see.
		return i.unreadable(i.lacksRoles())
	}
	return nil
}

// read asks Keycloak's admin API about users. It reports false for an id that nobody has.
func (i *Issuer) read(ctx context.Context, place string, into any) (bool, error) {
	token, err := i.signIn(ctx, "")
	if err != nil {
		return false, i.unreadable(err)
	}
	answer, err := i.send(ctx, place, token)
	if err == nil && answer.status == http.StatusUnauthorized {
		// The session may have ended before its token: Keycloak was started anew, or somebody ended it.
		if token, err = i.signIn(ctx, token); err == nil {
			answer, err = i.send(ctx, place, token)
		}
	}
	switch {
	case err != nil:
		return false, i.unreadable(err)
	case strings.HasPrefix(place, "/") && (answer.status == http.StatusNotFound || answer.status == http.StatusBadRequest):
		return false, nil
	case answer.status == http.StatusForbidden:
		return false, i.unreadable(i.lacksRoles())
	case answer.status != http.StatusOK:
		return false, i.unreadable(fmt.Errorf("it answers %d: %s", answer.status, brief(string(answer.body))))
	}
	if err := json.Unmarshal(answer.body, into); err != nil {
		return false, i.unreadable(errors.New("it answers something else"))
	}
	return true, nil
}

func (i *Issuer) send(ctx context.Context, place, token string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, i.AuthURL()+adminUsers+place, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := i.web.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	return answer{status: response.StatusCode, body: body}, err
}

// signIn returns a token of the client other than a refused one.
func (i *Issuer) signIn(ctx context.Context, refused string) (string, error) {
	i.mu.Lock()
	kept := i.token
	i.mu.Unlock()
	if kept.Valid() && kept.AccessToken != refused {
		return kept.AccessToken, nil
	}
	token, err := i.grant.Token(context.WithValue(ctx, oauth2.HTTPClient, i.web))
	var no *oauth2.RetrieveError
	switch {
	case errors.As(err, &no):
		return "", fmt.Errorf("client %q cannot sign in: %d %s; check its name and its secret, and that it has a service account",
			i.grant.ClientID, no.Response.StatusCode, strconv.Quote(brief(no.ErrorCode+": "+no.ErrorDescription)))
	case err != nil:
		return "", err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.token = token
	return token.AccessToken, nil
}

func (i *Issuer) lacksRoles() error {
	return fmt.Errorf("client %q may not see them; give its service account the roles view-users and query-users of master-realm",
		i.grant.ClientID)
}

func (i *Issuer) unreadable(err error) error {
	return fmt.Errorf("the users of %s cannot be read: %s", i.url, brief(err.Error()))
}
