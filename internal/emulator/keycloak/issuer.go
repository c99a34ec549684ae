package keycloak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	// usersPage is how many accounts are read at a time.
	usersPage = 100
	// issuerTimeout is how long a response of an issuer may take.
	issuerTimeout = 10 * time.Second
)

// IssuerConfig says where a real Keycloak is, and as whom to read its accounts.
type IssuerConfig struct {
	// URL is the address of the realm master, such as http://127.0.0.1:8180/auth/realms/master. It must be the address by
	// which callers ask for their tokens, as tokens name it.
	URL string
	// ClientID is a confidential client with a service account that may read users.
	ClientID string
	// ClientSecret is its secret.
	ClientSecret string
}

// Issuer is a real Keycloak, whose tokens and accounts an instance takes instead of its own. Connect returns one. Tokens live
// in real time.
type Issuer struct {
	url      string
	web      *http.Client // authenticates as the client
	verifier *oidc.IDTokenVerifier
}

// Connect finds the keys and endpoints of a Keycloak by OpenID Connect discovery, and makes sure that its accounts can be
// read. The context matters for these first requests alone.
func Connect(ctx context.Context, config IssuerConfig) (*Issuer, error) {
	at, err := ParseIssuer(config.URL)
	if err != nil {
		return nil, err
	}

	plain := &http.Client{Timeout: issuerTimeout, CheckRedirect: refuseRedirect}
	// What reads keys and tokens later on keeps the HTTP client of a context, but not its end.
	lasting := oidc.ClientContext(context.WithoutCancel(ctx), plain)
	i := &Issuer{url: at.String()}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, plain), i.url)

	if mismatch, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		return nil, fmt.Errorf("the issuer at %s calls itself %s: use that address", i.url, brief(mismatch.Discovered))
	}

	if err != nil {
		return nil, fmt.Errorf("no Keycloak answers at %s: %s", i.url, brief(err.Error()))
	}

	i.verifier = provider.VerifierContext(lasting, &oidc.Config{SkipClientIDCheck: true})
	grant := clientcredentials.Config{
		ClientID: config.ClientID, ClientSecret: config.ClientSecret,
		TokenURL: provider.Endpoint().TokenURL, AuthStyle: oauth2.AuthStyleInParams,
	}
	i.web = grant.Client(lasting)
	i.web.CheckRedirect = refuseRedirect

	var users []wireUser
	if _, err := i.read(ctx, "?max=1", &users); err != nil {
		return nil, err
	}

	if len(users) == 0 {
		// Keycloak lists nobody to those who may search, but not see.
		return nil, i.unreadable(errMayNotRead)
	}

	return i, nil
}

// refuseRedirect keeps the secret and the tokens from another host.
func refuseRedirect(next *http.Request, _ []*http.Request) error {
	return fmt.Errorf("it redirects to %s", next.URL.Host)
}

// ParseIssuer returns the URL of an issuer, or what is wrong with it.
func ParseIssuer(address string) (*url.URL, error) {
	at, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || (at.Scheme != "http" && at.Scheme != "https") || at.Host == "" || at.User != nil ||
		at.RawQuery != "" || at.Fragment != "" || at.Path != realmPath {
		return nil, fmt.Errorf("the issuer must be the URL of the realm master, such as http://127.0.0.1:8180%s", realmPath)
	}

	return at, nil
}

// AuthURL is the base URL of the Keycloak, as the provider's auth_endpoint and WALLAROO_AUTH_URL take it.
func (i *Issuer) AuthURL() string { return strings.TrimSuffix(i.url, realmPath) }

// ServeHTTP answers a request below /auth: the identity provider is elsewhere.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusNotFound, oauthError{
		Code:        "The identity provider is not here",
		Description: fmt.Sprintf("This emulator takes the tokens of %s: set WALLAROO_AUTH_URL (auth_endpoint) to %s", i.url, i.AuthURL()),
	})
}

// noKeys begins the error of go-oidc, which keeps no cause, where the issuer has not given its keys.
const noKeys = "failed to verify signature: fetching keys"

// Authenticate returns the account that the bearer token of a request names, or ErrUnauthorized. While the keys of the issuer
// cannot be fetched no token can be judged, which is another error.
func (i *Issuer) Authenticate(r *http.Request) (User, error) {
	token, err := i.verifier.Verify(r.Context(), bearer(r))

	switch {
	case err != nil && strings.HasPrefix(err.Error(), noKeys):
		return User{}, fmt.Errorf("the keys of %s cannot be read: %s", i.url, brief(err.Error()))
	case err != nil:
		return User{}, fmt.Errorf("%w: %s", ErrUnauthorized, brief(err.Error()))
	}

	var claims struct {
		Type     string `json:"typ"`
		Username string `json:"preferred_username"`
		Email    string `json:"email"`
		Realm    struct {
			Roles []string `json:"roles"`
		} `json:"realm_access"`
	}
	if err := token.Claims(&claims); err != nil || claims.Type != "Bearer" || token.Subject == "" {
		return User{}, fmt.Errorf("%w: it is no access token of a user or client", ErrUnauthorized)
	}

	return User{
		ID: token.Subject, Username: claims.Username, Email: claims.Email, Admin: slices.Contains(claims.Realm.Roles, "admin"),
	}, nil
}

// wireUser is an account as Keycloak's admin API has it.
type wireUser struct {
	ID              string   `json:"id"`
	Username        string   `json:"username"`
	Email           string   `json:"email"`
	FirstName       string   `json:"firstName"`
	LastName        string   `json:"lastName"`
	Enabled         bool     `json:"enabled"`
	Created         int64    `json:"createdTimestamp"`
	RequiredActions []string `json:"requiredActions"`
	ServiceClient   string   `json:"serviceAccountClientId"`
}

func (u wireUser) user() User {
	return User{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Disabled: !u.Enabled, RequiredActions: u.RequiredActions, CreatedAt: time.UnixMilli(u.Created),
		ServiceAccount: u.ServiceClient != "" || strings.HasPrefix(u.Username, "service-account-"),
	}
}

// ByEmail returns the account with an email, in any letter case, or nil.
func (i *Issuer) ByEmail(ctx context.Context, email string) (*User, error) {
	var found []wireUser
	// Only the exact search takes _ and % for what they are.
	_, err := i.read(ctx, "?"+url.Values{"email": {email}, "exact": {"true"}}.Encode(), &found)
	for _, u := range found {
		if strings.EqualFold(u.Email, email) {
			user := u.user()
			return &user, nil
		}
	}

	return nil, err
}

// ByID returns the account with an ID, or nil.
func (i *Issuer) ByID(ctx context.Context, id string) (*User, error) {
	if strings.Trim(id, ".") == "" {
		return nil, nil
	}

	var u wireUser

	found, err := i.read(ctx, "/"+url.PathEscape(id), &u)
	if err != nil || !found || u.ID != id {
		return nil, err
	}

	user := u.user()

	return &user, nil
}

// All returns every account except service accounts.
func (i *Issuer) All(ctx context.Context) ([]User, error) {
	users := []User{}

	for first := 0; ; first += usersPage {
		var page []wireUser
		if _, err := i.read(ctx, fmt.Sprintf("?first=%d&max=%d", first, usersPage), &page); err != nil {
			return nil, err
		}

		for _, u := range page {
			if found := u.user(); !found.ServiceAccount {
				users = append(users, found)
			}
		}

		if len(page) < usersPage {
			return users, nil
		}
	}
}

var errMayNotRead = errors.New("the client may not read them; give its service account the roles view-users and query-users of master-realm")

// read asks Keycloak's admin API for accounts. It reports false for an ID that nobody has.
func (i *Issuer) read(ctx context.Context, place string, into any) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, issuerTimeout)
	defer cancel()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, i.AuthURL()+usersPath+place, http.NoBody)
	if err != nil {
		return false, i.unreadable(err)
	}

	response, err := i.web.Do(request)

	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return false, i.unreadable(fmt.Errorf("the client is refused: %d %s; check its ID and its secret, and that it has a service account",
			refused.Response.StatusCode, strconv.Quote(brief(refused.ErrorCode+": "+refused.ErrorDescription))))
	}

	if err != nil {
		return false, i.unreadable(err)
	}

	defer func() { _ = response.Body.Close() }()

	switch {
	case strings.HasPrefix(place, "/") && (response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusBadRequest):
		return false, nil
	case response.StatusCode == http.StatusForbidden:
		return false, i.unreadable(errMayNotRead)
	case response.StatusCode != http.StatusOK:
		return false, i.unreadable(fmt.Errorf("it answers %s", response.Status))
	}

	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return false, i.unreadable(errors.New("it answers something else"))
	}

	return true, nil
}

func (i *Issuer) unreadable(err error) error {
	return fmt.Errorf("the users of %s cannot be read: %s", i.url, brief(err.Error()))
}

// brief cuts what another server said, which may be a whole page.
func brief(text string) string {
	const most = 300

	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}

	return text
}
