package wallaroo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// newHTTPClient returns a client that follows no redirect: net/http would send
// bodies, and so the password, to any host that an answer names.
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
			return nil, errors.New("ca_certificate: holds no PEM certificate")
		}
		config.RootCAs = pool
	}
	switch hasCertificate, hasKey := len(cfg.ClientCertificate) > 0, len(cfg.ClientKey) > 0; {
	case hasCertificate && hasKey:
		pair, err := tls.X509KeyPair(cfg.ClientCertificate, cfg.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("client_certificate and client_key: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	case hasCertificate:
		return nil, errors.New("client_key: is needed beside client_certificate")
	case hasKey:
		return nil, errors.New("client_certificate: is needed beside client_key")
	}
	return config, nil
}

// newHeader returns the headers of every request, to the API and to the login
// server.
func newHeader(cfg Config) (http.Header, error) {
	header := make(http.Header, len(cfg.Headers)+2)
	for name, value := range cfg.Headers {
		key := http.CanonicalHeaderKey(name)
		switch {
		case !isToken(name):
			return nil, fmt.Errorf("headers: %q is not a valid header name", shorten(printable(name), shownBytes))
		case isReserved(key):
			return nil, fmt.Errorf("headers: %q cannot be set", key)
		case header[key] != nil:
			return nil, fmt.Errorf("headers: %q is given twice", key)
		case !isHeaderValue(value):
			return nil, fmt.Errorf("headers: the value of %q holds a character that a header cannot carry", key)
		}
		header.Set(key, value)
	}
	if !isHeaderValue(cfg.UserAgent) {
		return nil, errors.New("user agent: holds a character that a header cannot carry")
	}
	header.Set("User-Agent", cfg.UserAgent)
	header.Set("Accept", "application/json")
	return header, nil
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

func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		alphanumeric := r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		return !alphanumeric && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

func isHeaderValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// isBearer reports whether a token can stand in an Authorization header.
func isBearer(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}
