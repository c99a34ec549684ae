package wallaroo

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// authority is a private CA.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()

	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a := &authority{certificate: template}
	a.pem, _, a.key = a.sign(t, template)

	return a
}

// sign makes a certificate and its key; the authority's first one is its own.
func (a *authority) sign(t *testing.T, template *x509.Certificate) (certificatePEM, keyPEM []byte, key *ecdsa.PrivateKey) {
	t.Helper()

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	signer := a.key
	if signer == nil {
		signer = key
	}

	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}

	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), key
}

// issue makes a certificate for an address that expires at the given time.
func (a *authority) issue(t *testing.T, address string, expires time.Time) (certificatePEM, keyPEM []byte) {
	t.Helper()
	certificatePEM, keyPEM, _ = a.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"}, IPAddresses: []net.IP{net.ParseIP(address)},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: expires,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})

	return certificatePEM, keyPEM
}

// newTLSFake is a fake behind a certificate of the authority.
func newTLSFake(t *testing.T, ca *authority, address string, expires time.Time, mutual bool) *fake {
	t.Helper()

	pair, err := tls.X509KeyPair(ca.issue(t, address, expires))
	if err != nil {
		t.Fatal(err)
	}

	f := &fake{token: grantToken("access-1", 60), api: respond(200, `{"workspaces":[]}`)}
	f.Server = httptest.NewUnstartedServer(f)
	f.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}

	if mutual {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(ca.pem)
		f.TLS.ClientAuth, f.TLS.ClientCAs = tls.RequireAndVerifyClientCert, pool
	}

	f.EnableHTTP2 = true
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.StartTLS()
	t.Cleanup(f.Close)

	return f
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	valid := time.Now().Add(time.Hour)
	certificate, key := ca.issue(t, "127.0.0.1", valid)

	tests := map[string]struct {
		address string
		expires time.Time
		mutual  bool
		change  func(cfg *Config)
		want    string // in the error; empty means success
	}{
		"private authority":   {"127.0.0.1", valid, false, func(c *Config) { c.CACertificate = ca.pem }, ""},
		"unknown authority":   {"127.0.0.1", valid, false, func(*Config) {}, "unknown authority"},
		"not verified":        {"10.0.0.1", valid, false, func(c *Config) { c.InsecureSkipVerify = true }, ""},
		"another host":        {"10.0.0.1", valid, false, func(c *Config) { c.CACertificate = ca.pem }, "certificate is valid for 10.0.0.1"},
		"expired":             {"127.0.0.1", time.Now().Add(-time.Hour), false, func(c *Config) { c.CACertificate = ca.pem }, "expired"},
		"mutual":              {"127.0.0.1", valid, true, func(c *Config) { c.CACertificate, c.ClientCertificate, c.ClientKey = ca.pem, certificate, key }, ""},
		"mutual without ours": {"127.0.0.1", valid, true, func(c *Config) { c.CACertificate = ca.pem }, "certificate required"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newTLSFake(t, ca, test.address, test.expires, test.mutual)
			for _, cfg := range []Config{testConfig(f.URL), userConfig(f.URL)} {
				waits := new(sleeper)
				cfg.Sleep = waits.sleep
				test.change(&cfg)

				_, err := mustNew(t, cfg).ListWorkspaces(t.Context())
				if test.want == "" {
					if err != nil {
						t.Error(err)
					}

					continue
				}

				if failure := asError(t, err); failure.Kind != KindTransport || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want %q", err, test.want)
				}
				// The server's word that it wants a certificate comes after the handshake, so
				// that a write may fail before it is read.
				if len(waits.waits) != 0 && name != "mutual without ours" {
					t.Errorf("tried again after %v", waits.waits)
				}
			}
		})
	}
}

func TestTLS_writeIsCertain(t *testing.T) {
	t.Parallel()
	f := newTLSFake(t, newAuthority(t), "127.0.0.1", time.Now().Add(time.Hour), false)

	_, err := mustNew(t, testConfig(f.URL)).CreateWorkspace(t.Context(), "web")
	if failure := asError(t, err); failure.OutcomeUnknown {
		t.Errorf("%v", failure)
	}
}

func TestTLS_plainServer(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	waits := new(sleeper)
	cfg := testConfig(strings.Replace(f.URL, "http:", "https:", 1))
	cfg.Sleep = waits.sleep

	_, err := mustNew(t, cfg).ListWorkspaces(t.Context())
	if failure := asError(t, err); failure.Kind != KindTransport || len(waits.waits) != 0 {
		t.Errorf("%v, waits %v", err, waits.waits)
	}
}

func TestHTTPClient(t *testing.T) {
	t.Parallel()

	client, err := newHTTPClient(Config{MaxConcurrentRequests: 300})
	if err != nil {
		t.Fatal(err)
	}

	transport, ok := client.Transport.(*http.Transport)
	if !ok {
		t.Fatalf("transport is %T", client.Transport)
	}

	if transport.MaxIdleConnsPerHost < 300 || transport.MaxIdleConns < 300 || !transport.ForceAttemptHTTP2 || transport.Proxy == nil {
		t.Errorf("%+v", transport)
	}

	if transport.TLSClientConfig.MinVersion != tls.VersionTLS12 {
		t.Errorf("TLS from version %x", transport.TLSClientConfig.MinVersion)
	}
}
