package wallaroo

import (
	"context"
	"encoding/base64"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CurrentUser returns the account of the access token, and authenticates if there is
// none yet. The token's signature is not checked: the claims inform, they grant
// nothing. A token that holds no claims yields a CurrentUser with no more than an
// Instance and a Login.
func (c *Client) CurrentUser(ctx context.Context) (CurrentUser, error) {
	current, err := c.session.token(ctx, nil)
	if err != nil {
		return CurrentUser{}, err
	}

	all := current.claims()
	hasura, _ := all["https://hasura.io/jwt/claims"].(map[string]any)

	return CurrentUser{
		UserID:   firstText(hasura["x-hasura-user-id"], all["sub"]),
		Email:    firstText(all["email"], hasura["x-hasura-user-email"]),
		Username: firstText(all["preferred_username"]),
		Login:    c.session.credentials.Username,
		Issuer:   firstText(all["iss"]),
		Instance: firstText(all["iss"], c.base.Host),
	}, nil
}

type claims map[string]any

func claimsOf(access string) func() claims {
	return sync.OnceValue(func() claims { return readClaims(access) })
}

// readClaims returns nil for a token that is opaque.
func readClaims(access string) claims {
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		return nil
	}

	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}

	var decoded claims
	if err := json.Unmarshal(payload, &decoded, jsontext.AllowDuplicateNames(true)); err != nil {
		return nil
	}

	return decoded
}

// expiry returns the zero time when the claims hold none that can be a time.
func (c claims) expiry() time.Time {
	seconds, _ := c["exp"].(float64)
	if seconds <= 0 || seconds > math.MaxInt32*100 {
		return time.Time{}
	}

	return time.Unix(int64(seconds), 0)
}

func firstText(values ...any) string {
	for _, value := range values {
		if text, ok := value.(string); ok && text != "" {
			return text
		}
	}

	return ""
}
