package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// authority signs certificates of servers.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func newAuthority(t testing.TB) *authority {
	t.Helper()

	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}

	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}

	parsed, err := x509.ParseCertificate(signed)
	if err != nil {
		t.Fatal(err)
	}

	return &authority{parsed, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}))}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	return key
}

// serve puts a handler behind TLS, with a certificate of this authority for a name, or
// for an address, until then.
func (a *authority) serve(t testing.TB, handler http.Handler, name string, until time.Time) string {
	t.Helper()

	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until}

	if address := net.ParseIP(name); address != nil {
		template.IPAddresses = []net.IP{address}
	} else {
		template.DNSNames = []string{name}
	}

	signed, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}

	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{signed}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)

	return server.URL
}

// The certificates of the API and of the identity provider are each looked at: who signed
// them, for whom, and until when.
func TestTLS_certificates(t *testing.T) {
	t.Parallel()

	const here = "127.0.0.1"

	instance := guide(t)
	one, other := newAuthority(t), newAuthority(t)
	soon, ago := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "wallaroo.example.com"
		instance.ServeHTTP(w, r)
	})
	good, foreign := one.serve(t, handler, here, soon), other.serve(t, handler, here, soon)
	misnamed, expired := one.serve(t, handler, "wallaroo.example.com", soon), one.serve(t, handler, here, ago)

	for name, c := range map[string]struct {
		api, auth, trusted string
		words              []string
	}{
		"one authority":               {good, good, one.pem, nil},
		"two authorities":             {good, foreign, one.pem + other.pem, nil},
		"API of an unknown one":       {foreign, good, one.pem, []string{"no answer from " + strings.TrimPrefix(foreign, "https://"), "unknown authority", "ca_certificate"}},
		"login of an unknown one":     {good, foreign, one.pem, []string{"no answer from " + strings.TrimPrefix(foreign, "https://"), "unknown authority", "ca_certificate"}},
		"API under another name":      {misnamed, good, one.pem, []string{"POST /v1/api", "x509", here}},
		"login under another name":    {good, misnamed, one.pem, []string{"POST /auth", "x509", here}},
		"API of an expired one":       {expired, good, one.pem, []string{"POST /v1/api", "expired"}},
		"login of an expired one":     {good, expired, one.pem, []string{"POST /auth", "expired"}},
		"only the system's are known": {good, good, "", []string{"unknown authority", "ca_certificate"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			block := with(signedIn(instance), values{"endpoint": c.api, "auth_endpoint": c.auth})
			if c.trusted != "" {
				block["ca_certificate"] = c.trusted
			}

			run, diags := configured(t, block, nil)
			wantNone(t, diags)

			diags = run.ask()
			if c.words == nil {
				wantNone(t, diags)
			} else {
				wantError(t, diags, summaryList, c.words...)
			}
		})
	}
}

// A refused certificate is final: it is not tried again, and nothing is sent.
func TestTLS_refusedOnce(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	a := newAuthority(t)
	connections := 0

	var mu sync.Mutex

	server := httptest.NewUnstartedServer(instance.Server)
	server.Config.ErrorLog = quiet
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			defer mu.Unlock()

			connections++
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)

	run, diags := configured(t, with(signedIn(instance), values{"endpoint": server.URL, "ca_certificate": a.pem}), nil)
	wantNone(t, diags)
	wantError(t, run.ask(), summaryList, "unknown authority")
	wantNoRequests(t, instance)

	mu.Lock()
	defer mu.Unlock()

	if connections != 1 {
		t.Errorf("%d connections, want 1", connections)
	}
}

func TestTLS_speaksHTTP2(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	a := newAuthority(t)

	var protocols sync.Map

	url := a.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols.Store(r.URL.Path, fmt.Sprintf("%s, TLS at least 1.2: %v", r.Proto, r.TLS.Version >= tls.VersionTLS12))
		instance.ServeHTTP(w, r)
	}), "127.0.0.1", time.Now().Add(time.Hour))

	run, diags := configured(t, with(signedIn(instance), values{"endpoint": url, "ca_certificate": a.pem}), nil)
	wantNone(t, diags)
	wantNone(t, run.ask())

	for _, path := range []string{tokenPath, "/v1/api/workspaces/list"} {
		if got, _ := protocols.Load(path); got != "HTTP/2.0, TLS at least 1.2: true" {
			t.Errorf("%s: %v", path, got)
		}
	}
}
