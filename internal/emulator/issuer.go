package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	// issuerPath is how the address of an issuer ends: Wallaroo knows no other realm.
	issuerPath = "/auth/realms/master"
	// issuerTimeout is how long an answer of an issuer may take by default.
	issuerTimeout = 5 * time.Second
)

// IssuerConfig says where a real Keycloak is, and as whom to read its users.
type IssuerConfig struct {
	// URL is the address of the realm master, such as http://127.0.0.1:8180/auth/realms/master. It must be the address
	// by which callers ask for their tokens, as tokens name it.
	URL string
	// ClientID is a confidential client with a service account that may read users.
	ClientID string
	// ClientSecret is its secret.
	ClientSecret string
	// Timeout is how long each answer may take. Default: five seconds.
	Timeout time.Duration
}

// Issuer is a real Keycloak, whose tokens and users an instance takes instead of its own. Make one with Connect. Tokens
// live in real time, whatever Options.Now says.
type Issuer struct {
	url      string
	web      *http.Client
	verifier *oidc.IDTokenVerifier
	grant    clientcredentials.Config

	mu    sync.Mutex // guards token
	token *oauth2.Token
}

// Connect finds the keys and endpoints of a Keycloak by OpenID Connect discovery, and makes sure that its users can be
// read. The context matters for these first requests alone.
func Connect(ctx context.Context, config IssuerConfig) (*Issuer, error) {
	at, err := ParseIssuer(config.URL)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}
	i := &Issuer{url: at.String(), web: &http.Client{
		Transport: transport,
		Timeout:   orDefault(config.Timeout, issuerTimeout),
		CheckRedirect: func(next *http.Request, _ []*http.Request) error {
			return fmt.Errorf("it redirects to %s", next.URL.Host)
		},
	}}
	// What reads keys later on keeps the HTTP client of this context, but not its end.
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, i.web), i.url)
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &mismatch):
		return nil, fmt.Errorf("the issuer at %s calls itself %s: give that address", i.url, brief(mismatch.Discovered))
	case err != nil:
		return nil, fmt.Errorf("no Keycloak answers at %s: %s", i.url, brief(err.Error()))
	}
	i.verifier = provider.VerifierContext(oidc.ClientContext(context.Background(), i.web), &oidc.Config{SkipClientIDCheck: true})
	i.grant = clientcredentials.Config{
		ClientID: config.ClientID, ClientSecret: config.ClientSecret,
		TokenURL: provider.Endpoint().TokenURL, AuthStyle: oauth2.AuthStyleInParams,
	}
	if err := i.mayRead(ctx); err != nil {
		return nil, err
	}
	return i, nil
}

// ParseIssuer reads the address of an issuer, and says what is wrong with it.
func ParseIssuer(address string) (*url.URL, error) {
	at, err := url.Parse(strings.TrimRight(address, "/"))
	switch {
	case err != nil:
		return nil, errors.New("the issuer is no address")
	case (at.Scheme != "http" && at.Scheme != "https") || at.Host == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "",
		at.Path != issuerPath:
		return nil, fmt.Errorf("the issuer must be the address of the realm master, such as http://127.0.0.1:8180%s", issuerPath)
	}
	return at, nil
}

// AuthURL is the base address of the Keycloak, as the provider's auth_endpoint and WALLAROO_AUTH_URL take it.
func (i *Issuer) AuthURL() string { return strings.TrimSuffix(i.url, issuerPath) }

// accessOf are the claims that matter of an access token of any version.
type accessOf struct {
	Type        string       `json:"typ"`
	Username    string       `json:"preferred_username"`
	RealmAccess claimedRoles `json:"realm_access"`
}

func (i *Issuer) caller(r *http.Request) (*account, error) {
	token, ok := bearer(r)
	if !ok {
		return nil, errUnauthorized
	}
	checked, err := i.verifier.Verify(r.Context(), token)
	switch {
	case err != nil && strings.Contains(err.Error(), "fetching keys"):
		return nil, fmt.Errorf("the keys of %s cannot be read: %s", i.url, brief(err.Error()))
	case err != nil:
		return nil, fmt.Errorf("%w: %s", errUnauthorized, brief(err.Error()))
	}
	var claims accessOf
	if err := checked.Claims(&claims); err != nil {
		return nil, fmt.Errorf("%w: its claims are not those of Keycloak", errUnauthorized)
	}
	if claims.Type != "Bearer" || checked.Subject == "" {
		return nil, fmt.Errorf("%w: it is no access token of a user or client", errUnauthorized)
	}
	admin := false
	for _, role := range claims.RealmAccess.Roles {
		admin = admin || role == "admin"
	}
	return &account{User: User{ID: checked.Subject, Username: claims.Username, Admin: admin}}, nil
}

// elsewhere answers whoever looks for the login server here.
func (i *Issuer) elsewhere() answer {
	return keycloakError(http.StatusNotFound, "The login server is not here",
		fmt.Sprintf("This emulator takes the tokens of %s: set WALLAROO_AUTH_URL (auth_endpoint) to %s", i.url, i.AuthURL()))
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
