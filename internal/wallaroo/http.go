package wallaroo

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// newHTTPClient returns a client that follows no redirect: net/http would send
// bodies, and so the password, to any host that a response names.
func newHTTPClient(cfg Config) (*http.Client, error) {
	tlsConfig, err := newTLSConfig(cfg)
	if err != nil {
		return nil, err
	}

	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		transport = standard.Clone()
	}

	transport.TLSClientConfig = tlsConfig
	transport.ForceAttemptHTTP2 = true
	transport.MaxIdleConnsPerHost = max(transport.MaxIdleConnsPerHost, cfg.MaxConcurrentRequests)
	transport.MaxIdleConns = max(transport.MaxIdleConns, 2*cfg.MaxConcurrentRequests)

	return &http.Client{Transport: transport, CheckRedirect: refuseRedirect}, nil
}

func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func newTLSConfig(cfg Config) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: cfg.InsecureSkipVerify}
	if len(cfg.CACertificate) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}

		if !pool.AppendCertsFromPEM(cfg.CACertificate) {
			return nil, invalid("contains no PEM certificate", FieldCACertificate)
		}

		config.RootCAs = pool
	}

	hasCertificate, hasKey := len(cfg.ClientCertificate) > 0, len(cfg.ClientKey) > 0
	if hasCertificate != hasKey {
		return nil, incomplete(FieldClientCertificate, FieldClientKey, hasCertificate)
	}

	if hasCertificate {
		pair, err := tls.X509KeyPair(cfg.ClientCertificate, cfg.ClientKey)
		if err != nil {
			return nil, invalid("cannot be used: "+err.Error(), FieldClientCertificate, FieldClientKey)
		}

		config.Certificates = []tls.Certificate{pair}
	}

	return config, nil
}

// newHeader returns the headers of every request, to the API and to the identity
// provider.
func newHeader(cfg Config) http.Header {
	header := make(http.Header, len(cfg.Headers)+2)
	for name, value := range cfg.Headers {
		header.Set(name, value)
	}

	header.Set("User-Agent", cfg.UserAgent)
	header.Set("Accept", "application/json")

	return header
}

// badCharacter ends a sentence about a value.
const badCharacter = "contains a character that an HTTP header cannot carry"

func validateHeaders(headers map[string]string) *ConfigError {
	seen := map[string]bool{}

	for _, name := range slices.Sorted(maps.Keys(headers)) {
		key := http.CanonicalHeaderKey(name)
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return invalid(fmt.Sprintf("must not set %q, which is not a valid header name", shorten(printable(name), shownBytes)), FieldHeaders)
		case isReserved(key):
			return invalid(fmt.Sprintf("must not set %q, which this client sets itself", key), FieldHeaders)
		case seen[key]:
			return invalid(fmt.Sprintf("must not set %q twice", key), FieldHeaders)
		case !httpguts.ValidHeaderFieldValue(headers[name]):
			return invalid(fmt.Sprintf("must not set %q to a value that %s", key, badCharacter), FieldHeaders)
		}

		seen[key] = true
	}

	return nil
}

// isReserved reports whether a header is this client's own to set. The
// idempotency keys are among them because they make net/http repeat a request
// that may already have been processed.
func isReserved(key string) bool {
	switch key {
	case "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length",
		"Content-Type", "Expect", "Host", "Idempotency-Key", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
		"User-Agent", "X-Idempotency-Key":
		return true
	default:
		return false
	}
}

// isBearer reports whether a token can stand in an Authorization header.
func isBearer(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}
