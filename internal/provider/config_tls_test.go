package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// writeFile returns the path of a new file with that content.
func writeFile(t testing.TB, content string) string {
	t.Helper()

	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}

	return name
}

// newCertificate returns a self-signed certificate and its key, in PEM.
func newCertificate(t testing.TB) (certificate, key string) {
	t.Helper()

	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}

	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}

	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}

	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

// serve puts a handler in front of an instance, and returns its address.
func serve(t testing.TB, handler http.Handler) string {
	t.Helper()

	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	return server.URL
}

func TestProvider_caCertificate(t *testing.T) {
	t.Parallel()

	instance := emulatortest.StartTLS(t, emulator.Options{Seed: emulator.SeedGuide})
	other, _ := newCertificate(t)

	wantError(t, mustConfigure(t, passwordBlock(instance), nil).listWorkspaces(), summaryList, "x509", "ca_certificate")
	wantNoRequests(t, instance)

	for name, value := range map[string]string{
		"PEM": instance.CACertificate, "path": writeFile(t, instance.CACertificate), "bundle": "# two\n" + other + instance.CACertificate,
	} {
		instance.ResetRequests()
		wantNone(t, mustConfigure(t, with(passwordBlock(instance), values{"ca_certificate": value}), nil).listWorkspaces())

		if instance.Count("token") != 1 || instance.Count("workspaces/list") != 1 {
			t.Errorf("%s: %v", name, instance.Requests())
		}
	}

	for _, value := range []string{"/no/such/file", "-----BEGIN CERTIFICATE-----\n" + canary, writeFile(t, ""), writeFile(t, canary), t.TempDir()} {
		_, diags := configured(t, with(passwordBlock(instance), values{"ca_certificate": value}), nil)
		if len(diags.errors()) != 1 {
			t.Fatalf("%q: want one error, got: %s", value, diags)
		}

		wantError(t, diags, diags[0].Summary, namesAll("ca_certificate")...)
		wantNowhere(t, diags, canary)
	}
}

func TestProvider_clientCertificate(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	server := httptest.NewUnstartedServer(instance.Server)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)

	certificate, key := newCertificate(t)
	_, otherKey := newCertificate(t)
	block := with(passwordBlock(instance), values{
		"endpoint": server.URL, "ca_certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
	})
	wantError(t, mustConfigure(t, block, nil).listWorkspaces(), summaryList, "certificate")

	for _, pair := range [][2]string{{certificate, key}, {writeFile(t, certificate), writeFile(t, key)}} {
		wantNone(t, mustConfigure(t, with(block, values{"client_certificate": pair[0], "client_key": pair[1]}), nil).listWorkspaces())
	}

	for attribute, value := range map[string]string{"client_certificate": certificate, "client_key": key} {
		words := append(namesAll("client_certificate", "client_key"), "both or neither")

		_, diags := configured(t, with(block, values{attribute: value}), nil)
		wantError(t, diags, "Incomplete client certificate", words...)

		_, diags = configured(t, block, map[string]string{"WALLAROO_" + strings.ToUpper(attribute): value})
		wantError(t, diags, "Incomplete client certificate", words...)
	}

	for name, pair := range map[string][2]string{
		"of another key": {certificate, otherKey},
		"broken":         {certificate, "-----BEGIN PRIVATE KEY-----\n" + canary},
		"no such file":   {certificate, canary},
		"swapped":        {key, certificate},
		"empty file":     {certificate, writeFile(t, "")},
	} {
		_, diags := configured(t, with(block, values{"client_certificate": pair[0], "client_key": pair[1]}), nil)
		if len(diags.errors()) != 1 {
			t.Fatalf("%s: want one error, got: %s", name, diags)
		}

		wantError(t, diags, diags[0].Summary, namesAll("client_key")...)
		wantNowhere(t, diags, canary)
		wantNowhere(t, diags, strings.Split(key, "\n")[1])
	}
}

func TestProvider_insecureSkipVerify(t *testing.T) {
	t.Parallel()

	instance := emulatortest.StartTLS(t, emulator.Options{Seed: emulator.SeedGuide})

	run, diags := configured(t, with(passwordBlock(instance), values{"insecure_skip_verify": true}), nil)
	wantWarning(t, diags, "Certificates are not verified", "ca_certificate", "WALLAROO_CA_CERTIFICATE")
	wantNone(t, run.listWorkspaces())
}
