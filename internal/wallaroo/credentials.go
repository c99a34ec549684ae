package wallaroo

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/go-json-experiment/json"
)

const (
	publicClient       = "sdk-client"
	confidentialClient = "api-client"
)

// Credentials is one way to authenticate: a ready access token; a user with a
// password, through a public client or one with a secret; a client with a secret;
// or a file with one of these.
type Credentials struct {
	Token                  string
	Username, Password     string
	ClientID, ClientSecret string
	// File is the path of a JSON file as Wallaroo's SDK reads it. A ClientID
	// beside it is used where the file has none.
	File string
}

// validate is the one rule for credentials. A client ID alone names no account,
// so that it may stand beside everything.
func (c Credentials) validate() *ConfigError {
	token := strings.TrimSpace(c.Token)

	var accounts []Field

	for _, account := range []struct {
		field Field
		value string
	}{
		{FieldToken, token}, {FieldCredentialsFile, c.File}, {FieldUsername, c.Username},
		{FieldPassword, c.Password}, {FieldClientSecret, c.ClientSecret},
	} {
		if account.value != "" {
			accounts = append(accounts, account.field)
		}
	}

	switch {
	case (token != "" || c.File != "") && len(accounts) > 1:
		return &ConfigError{Problem: Conflicting, Fields: accounts}
	case token != "" && !isBearer(token):
		return invalid(badCharacter, FieldToken)
	case token != "" || c.File != "":
		return nil
	case (c.Username == "") != (c.Password == ""):
		return incomplete(FieldUsername, FieldPassword, c.Username != "")
	case c.Username == "" && (c.ClientID == "") != (c.ClientSecret == ""):
		return incomplete(FieldClientID, FieldClientSecret, c.ClientID != "")
	case c.Username == "" && c.ClientID == "":
		return &ConfigError{Problem: Missing, Fields: []Field{
			FieldUsername, FieldPassword, FieldClientID, FieldClientSecret, FieldToken, FieldCredentialsFile,
		}}
	default:
		return nil
	}
}

// resolve returns valid credentials with the file read and the default client.
func (c Credentials) resolve() (Credentials, error) {
	if strings.HasPrefix(strings.TrimSpace(c.File), "{") { // the content of a file, which must not be shown
		return Credentials{}, invalid("must be the path of a JSON file", FieldCredentialsFile)
	}

	if c.File != "" {
		fromFile, err := readCredentials(c.File)
		if err != nil {
			return Credentials{}, invalid(fmt.Sprintf("names the file %q, %v", c.File, err), FieldCredentialsFile)
		}

		if fromFile.ClientID == "" {
			fromFile.ClientID = c.ClientID
		}

		c = fromFile
	}

	c.Token = strings.TrimSpace(c.Token)
	if c.ClientID == "" {
		c.ClientID = publicClient
		if c.ClientSecret != "" {
			c.ClientID = confidentialClient
		}
	}

	return c, nil
}

// fileKeys are the names that fields have in the file of the SDK.
var fileKeys = map[Field]string{
	FieldToken: "token", FieldUsername: "username", FieldPassword: "password",
	FieldClientID: "confidentialClient", FieldClientSecret: "confidentialPassword",
}

// readCredentials reads valid credentials. The error ends a sentence about the
// file, and has no words of its content, which are secret.
func readCredentials(path string) (Credentials, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Credentials{}, fmt.Errorf("which cannot be read: %w", err)
	}

	var fields struct {
		Token        string `json:"token"`
		Username     string `json:"username"`
		Password     string `json:"password"`
		ClientID     string `json:"confidentialClient"`
		ClientSecret string `json:"confidentialPassword"`
	}
	if json.Unmarshal(content, &fields) != nil {
		return Credentials{}, errors.New("which is not a JSON object with text values")
	}

	c := Credentials{
		Token: fields.Token, Username: fields.Username, Password: fields.Password,
		ClientID: fields.ClientID, ClientSecret: fields.ClientSecret,
	}
	if c.Token != "" {
		c.ClientID, c.ClientSecret = "", "" // the SDK's file may have them, but a token needs no client
	}

	problem := c.validate()
	if problem == nil {
		return c, nil
	}

	if problem.Problem == Missing {
		problem.Fields = problem.Fields[:len(problem.Fields)-1] // a file names no other file
	}

	return Credentials{}, errors.New("in which " + problem.Describe(func(f Field) string { return `"` + fileKeys[f] + `"` }))
}

// form returns the request for a token, without a refresh token. The secret goes
// into the form, which all versions of Keycloak read alike, and not into Basic.
func (c Credentials) form() url.Values {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}}
	if c.ClientSecret != "" {
		form.Set("client_secret", c.ClientSecret)
	}

	if c.Username != "" {
		form.Set("grant_type", "password")
		form.Set("username", c.Username)
		form.Set("password", c.Password)
	}

	return form
}

// lineBreakHint returns a hint if a secret was read with the end of its line, or "".
func (c Credentials) lineBreakHint() string {
	endsLine := func(secret string) bool { return strings.HasSuffix(secret, "\n") || strings.HasSuffix(secret, "\r") }
	switch {
	case endsLine(c.Password):
		return "the password ends with a line break, which was sent as part of it"
	case endsLine(c.ClientSecret):
		return "the client secret ends with a line break, which was sent as part of it"
	default:
		return ""
	}
}
