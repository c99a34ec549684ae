package wallaroo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	tokenPath          = "/auth/realms/master/protocol/openid-connect/token"
	publicClient       = "sdk-client"
	confidentialClient = "api-client"
)

// newSession checks the credentials and decides how they sign in.
func newSession(w *wire, base *url.URL, given Credentials) (*session, error) {
	ready := strings.TrimSpace(given.Token)
	hasUser := given.Username != "" || given.Password != ""
	hasClient := given.ClientID != "" || given.ClientSecret != ""
	switch {
	case ready != "" && (hasUser || hasClient):
		return nil, errors.New("token: cannot be combined with a user or a client")
	case ready != "" && !isBearer(ready):
		return nil, errors.New("token: holds a character that a header cannot carry")
	case ready != "":
		return &session{wire: w, given: &token{access: ready}}, nil
	case hasUser && given.Password == "":
		return nil, errors.New("password: is needed beside username")
	case hasUser && given.Username == "":
		return nil, errors.New("username: is needed beside password")
	case hasClient && !hasUser && given.ClientSecret == "":
		return nil, errors.New("client_secret: is needed beside client_id, unless there is a user")
	case hasClient && !hasUser && given.ClientID == "":
		return nil, errors.New("client_id: is needed beside client_secret, unless there is a user")
	case !hasUser && !hasClient:
		return nil, errors.New("credentials: a token, a user with a password or a client with a secret is needed")
	}
	if given.ClientID == "" {
		given.ClientID = publicClient
		if given.ClientSecret != "" {
			given.ClientID = confidentialClient
		}
	}
	return &session{wire: w, grants: &grants{wire: w, endpoint: base.JoinPath(tokenPath), credentials: given}}, nil
}

// grants asks the login server for tokens.
type grants struct {
	wire        *wire
	endpoint    *url.URL
	credentials Credentials
}

var signInOperation = operation{path: tokenPath, signIn: true, limit: smallLimit}

func (g *grants) config() *oauth2.Config {
	return &oauth2.Config{
		ClientID:     g.credentials.ClientID,
		ClientSecret: g.credentials.ClientSecret,
		// The form is read alike by all versions; what Basic carries is not.
		Endpoint: oauth2.Endpoint{TokenURL: g.endpoint.String(), AuthStyle: oauth2.AuthStyleInParams},
	}
}

// signIn is the full grant.
func (g *grants) signIn(ctx context.Context) (*token, *Error) {
	return g.request(ctx, func(ctx context.Context) (*oauth2.Token, error) {
		if g.credentials.Username != "" {
			return g.config().PasswordCredentialsToken(ctx, g.credentials.Username, g.credentials.Password)
		}
		config := clientcredentials.Config{
			ClientID: g.credentials.ClientID, ClientSecret: g.credentials.ClientSecret,
			TokenURL: g.endpoint.String(), AuthStyle: oauth2.AuthStyleInParams,
		}
		return config.Token(ctx)
	})
}

// refresh trades the refresh token of previous for a new token.
func (g *grants) refresh(ctx context.Context, previous *token) (*token, *Error) {
	renewed, failure := g.request(ctx, func(ctx context.Context) (*oauth2.Token, error) {
		return g.config().TokenSource(ctx, &oauth2.Token{RefreshToken: previous.refresh}).Token()
	})
	if failure == nil && renewed.refresh == previous.refresh && renewed.refreshEnds.IsZero() {
		renewed.refreshEnds = previous.refreshEnds
	}
	return renewed, failure
}

func (g *grants) request(ctx context.Context, grant func(context.Context) (*oauth2.Token, error)) (*token, *Error) {
	attempts := 0
	return retry(ctx, g.wire, signInOperation.again, func() (*token, *Error) {
		attempts++
		bounded, cancel := g.wire.attemptContext(ctx, signInOperation)
		defer cancel()
		transport := &signInTransport{wire: g.wire, attempt: attempts}
		client := &http.Client{Transport: transport, CheckRedirect: refuseRedirect}
		start := g.wire.now()
		granted, err := grant(context.WithValue(bounded, oauth2.HTTPClient, client))
		if err != nil {
			return nil, g.failed(err)
		}
		g.wire.secrets.add(strings.TrimSpace(granted.AccessToken), strings.TrimSpace(granted.RefreshToken))
		result, err := newToken(granted.AccessToken, granted.RefreshToken, start,
			lifetime(granted.Extra("expires_in")), lifetime(granted.Extra("refresh_expires_in")))
		if err != nil {
			return nil, g.malformed(err.Error())
		}
		return result, nil
	})
}

// lifetime reads a number of seconds, which some servers write as a string.
func lifetime(value any) time.Duration {
	var seconds float64
	switch value := value.(type) {
	case float64:
		seconds = value
	case string:
		seconds, _ = strconv.ParseFloat(value, 64)
	}
	if !(seconds > 0) {
		return 0
	}
	return time.Duration(min(seconds, math.MaxInt32) * float64(time.Second))
}

// failed is the error of a sign-in: the one that the transport made, without
// what net/http and oauth2 wrapped around it.
func (g *grants) failed(err error) *Error {
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure
	}
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		failure := g.malformed("an error object: " + refused.ErrorDescription)
		failure.Code = g.wire.oauthCode(refused.ErrorCode)
		return failure
	}
	return g.malformed(err.Error())
}

func (g *grants) malformed(message string) *Error {
	failure := g.blank()
	failure.Kind, failure.Status, failure.Message = KindMalformed, http.StatusOK, g.wire.secrets.clean(message)
	return failure
}

// abandoned is the error of a caller that does not wait any longer.
func (g *grants) abandoned(cause error) *Error {
	failure := g.blank()
	failure.Kind, failure.Message, failure.Err, failure.facts.final = KindTransport, cause.Error(), cause, true
	return failure
}

func (g *grants) blank() *Error {
	return &Error{Authentication: true, Method: http.MethodPost, Path: g.endpoint.EscapedPath(), Host: g.endpoint.Host}
}

// signInTransport gives oauth2 only answers that hold a token, and turns the
// rest into an [*Error] before oauth2 puts a body into an error's text.
type signInTransport struct {
	wire    *wire
	attempt int
}

// RoundTrip makes one attempt.
func (t *signInTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	got, failure := t.wire.exchange(req.Clone(req.Context()), signInOperation, t.attempt)
	if failure != nil {
		return nil, failure
	}
	if _, err := decode[tokenDocument](got.body); err != nil {
		failure := t.wire.failed(signInOperation, got.response)
		failure.Kind, failure.Message = KindMalformed, t.wire.secrets.clean(err.Error())
		failure.Code = t.wire.oauthCode(readErrorBody(got.body).text("error"))
		return nil, failure
	}
	resp := got.response
	resp.Body = io.NopCloser(bytes.NewReader(got.body))
	resp.Header.Set("Content-Type", "application/json") // oauth2 reads text/plain as a form
	return resp, nil
}

type tokenDocument struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
}

func (d tokenDocument) result() (string, error) {
	if d.AccessToken == "" {
		return "", errors.New(`no "access_token"`)
	}
	return d.AccessToken, nil
}
