package livetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// post sends what the client never sends, and returns what the client hides.
func (g *Ground) post(ctx context.Context, path string, body any) (int, []byte, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	authorization, err := g.authorization(ctx)
	if err != nil {
		return 0, nil, err
	}
	return g.exchange(ctx, http.MethodPost, path, authorization, bytes.NewReader(content))
}

// config is how the instance answers what the SDK asks first.
func (g *Ground) config(ctx context.Context) string {
	status, _, err := g.exchange(ctx, http.MethodGet, "config", "", http.NoBody)
	return answerOr(err, fmt.Sprint(status))
}

// authorization is the header that the client sends with a request.
func (g *Ground) authorization(ctx context.Context) (string, error) {
	var header string
	_, err := g.client.ListWorkspaces(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaderField: func(name string, values []string) {
			if strings.EqualFold(name, "authorization") {
				header = values[0]
			}
		},
	}))
	if err == nil && header == "" {
		err = errors.New("the client sent no token")
	}
	return header, err
}

func (g *Ground) exchange(ctx context.Context, method, path, authorization string, body io.Reader) (int, []byte, error) {
	config := g.settings.Config
	base, err := wallaroo.ParseEndpoint(config.Endpoint, config.AllowPlainHTTP)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, base.JoinPath("v1", "api", path).String(), body)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	transport, err := newTransport(config)
	if err != nil {
		return 0, nil, err
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: transport, Timeout: config.RequestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 32<<20))
	return response.StatusCode, answer, err
}

// newTransport trusts what the client trusts.
func newTransport(config wallaroo.Config) (*http.Transport, error) {
	settings := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: config.InsecureSkipVerify}
	if len(config.CACertificate) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pool.AppendCertsFromPEM(config.CACertificate)
		settings.RootCAs = pool
	}
	if len(config.ClientCertificate) > 0 {
		pair, err := tls.X509KeyPair(config.ClientCertificate, config.ClientKey)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: settings, ForceAttemptHTTP2: true}, nil
}
