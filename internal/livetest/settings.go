package livetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Settings are what the environment says of the instance and of what may be done there.
type Settings struct {
	// Prefix begins the names of the suite's workspaces.
	Prefix string
	// MemberEmail is the e-mail of the user who is added and removed.
	MemberEmail string
	// MemberID is the id of that user. It is needed only where the account may not read the users.
	MemberID string
	// Config reaches the instance by the variables that the provider reads.
	Config wallaroo.Config
}

// prefixes leave room for "-1" and keep every rule for names that Wallaroo is known to have.
var prefixes = regexp.MustCompile(`^[a-z][a-z0-9-]{2,39}$`)

// Read reads the settings. The error is one line with everything that is missing or wrong.
func Read(getenv func(string) string) (Settings, error) {
	r := reader{getenv: getenv}
	s := Settings{
		Prefix:      getenv("WALLAROO_LIVE_PREFIX"),
		MemberEmail: getenv("WALLAROO_LIVE_MEMBER"),
		MemberID:    getenv("WALLAROO_LIVE_MEMBER_ID"),
		Config: wallaroo.Config{
			Endpoint:              getenv("WALLAROO_URL"),
			AuthEndpoint:          getenv("WALLAROO_AUTH_URL"),
			AllowPlainHTTP:        r.boolean("WALLAROO_ALLOW_PLAIN_HTTP"),
			InsecureSkipVerify:    r.boolean("WALLAROO_INSECURE_SKIP_VERIFY"),
			CACertificate:         r.pem("WALLAROO_CA_CERTIFICATE"),
			ClientCertificate:     r.pem("WALLAROO_CLIENT_CERTIFICATE"),
			ClientKey:             r.pem("WALLAROO_CLIENT_KEY"),
			RequestTimeout:        time.Duration(r.number("WALLAROO_REQUEST_TIMEOUT", 45)) * time.Second,
			MaxRetries:            r.number("WALLAROO_MAX_RETRIES", wallaroo.DefaultMaxRetries),
			MaxConcurrentRequests: r.number("WALLAROO_MAX_CONCURRENT_REQUESTS", 0),
			Credentials:           r.credentials(),
		},
	}
	r.need(getenv("WALLAROO_LIVE") != "", "WALLAROO_LIVE=1 (your consent: workspaces are made that stay for good)")
	r.need(s.Prefix != "", "WALLAROO_LIVE_PREFIX (the workspaces are named PREFIX-1 and PREFIX-2)")
	r.need(s.MemberEmail != "", "WALLAROO_LIVE_MEMBER (e-mail of another user, who is added to them and removed from them)")
	r.need(s.Config.Endpoint != "", "WALLAROO_URL (address of the instance)")
	r.needCredentials(s.Config.Credentials)
	if len(r.missing) > 0 {
		r.wrong = append(r.wrong, "not set: "+strings.Join(r.missing, ", "))
	}
	if consent := getenv("WALLAROO_LIVE"); consent != "" && consent != "1" {
		r.wrong = append(r.wrong, "WALLAROO_LIVE must be 1 if you consent")
	}
	if s.Prefix != "" && !prefixes.MatchString(s.Prefix) {
		r.wrong = append(r.wrong, "WALLAROO_LIVE_PREFIX must be 3 to 40 lower-case letters, digits and dashes, with a letter first")
	}
	if len(r.wrong) > 0 {
		return Settings{}, errors.New(strings.Join(r.wrong, "; "))
	}
	return s, nil
}

// reader reads variables, and collects what is missing and what is wrong.
type reader struct {
	getenv         func(string) string
	missing, wrong []string
}

func (r *reader) need(given bool, what string) {
	if !given {
		r.missing = append(r.missing, what)
	}
}

func (r *reader) needCredentials(found wallaroo.Credentials) {
	user, password := r.getenv("WALLAROO_USER") != "", r.getenv("WALLAROO_PASSWORD") != ""
	what := "WALLAROO_USER and WALLAROO_PASSWORD (who signs in; or another way that the provider knows)"
	switch {
	case user:
		what = "WALLAROO_PASSWORD (that of WALLAROO_USER)"
	case password:
		what = "WALLAROO_USER (whose WALLAROO_PASSWORD is set)"
	}
	r.need(found != wallaroo.Credentials{}, what)
}

func (r *reader) boolean(name string) bool {
	text := r.getenv(name)
	value, err := strconv.ParseBool(text)
	if text != "" && err != nil {
		r.wrong = append(r.wrong, name+" must be true or false")
	}
	return value
}

func (r *reader) number(name string, otherwise int) int {
	text := r.getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 {
		r.wrong = append(r.wrong, name+" must be a whole number")
	}
	return value
}

// pem reads PEM text, or the file of that name.
func (r *reader) pem(name string) []byte {
	text := r.getenv(name)
	if text == "" || strings.Contains(text, "-----BEGIN") {
		return []byte(text)
	}
	content, err := os.ReadFile(text)
	if err != nil {
		r.wrong = append(r.wrong, name+" is neither PEM text nor a file that can be read")
	}
	return content
}

// credentials are those that the provider would take. It checks them itself, so that contradictions come up there.
func (r *reader) credentials() wallaroo.Credentials {
	token, id, secret := r.getenv("WALLAROO_TOKEN"), r.getenv("WALLAROO_CLIENT_ID"), r.getenv("WALLAROO_CLIENT_SECRET")
	user, password := r.getenv("WALLAROO_USER"), r.getenv("WALLAROO_PASSWORD")
	switch file := r.getenv("WALLAROO_SDK_CREDENTIALS"); {
	case token != "":
		return wallaroo.Credentials{Token: token}
	case file != "":
		return r.credentialsFile(file, id)
	case user != "" && password != "", user == "" && id != "" && secret != "":
		return wallaroo.Credentials{Username: user, Password: password, ClientID: id, ClientSecret: secret}
	default:
		return wallaroo.Credentials{}
	}
}

func (r *reader) credentialsFile(name, clientID string) wallaroo.Credentials {
	var file struct {
		Username, Password, Token                string
		ConfidentialClient, ConfidentialPassword string
	}
	content, err := os.ReadFile(name)
	if err != nil || json.Unmarshal(content, &file) != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("WALLAROO_SDK_CREDENTIALS names %q, which is no JSON file with text values", name))
		return wallaroo.Credentials{}
	}
	if file.Token != "" {
		return wallaroo.Credentials{Token: file.Token}
	}
	if file.ConfidentialClient != "" {
		clientID = file.ConfidentialClient
	}
	return wallaroo.Credentials{
		Username: file.Username, Password: file.Password, ClientID: clientID, ClientSecret: file.ConfidentialPassword,
	}
}
