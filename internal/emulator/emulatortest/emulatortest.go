// Package emulatortest starts an emulated Wallaroo instance for one test:
//
//	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide})
//	client := newClient(instance.URL, emulatortest.Username, emulatortest.Password)
//	instance.SetMember(5, emulator.HansarickID, emulator.Owner)
//
// It listens on the loopback address, and it is closed when the test ends.
package emulatortest

import (
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// Credentials that every seed knows.
const (
	// Username is the owner of every seeded workspace.
	Username = emulator.HummelEmail
	// Password is the password of every account.
	Password = emulator.SeedPassword
	// Token is an opaque bearer token of Username.
	Token = emulator.SeedToken
	// ClientID is the confidential client.
	ClientID = emulator.APIClientID
	// ClientSecret is the secret of ClientID.
	ClientSecret = emulator.APIClientSecret
	// PublicClientID is the client without a secret.
	PublicClientID = emulator.SDKClientID
)

// Instance is a running emulator. The methods of the embedded Server arrange and observe it.
type Instance struct {
	*emulator.Server
	// URL is where it listens, without a trailing slash.
	URL string
	// CACertificate is the certificate to trust, in PEM; "" without TLS.
	CACertificate string
}

// Start serves an instance over plain HTTP. It fails the test if the options are wrong.
func Start(t testing.TB, opts emulator.Options) *Instance {
	t.Helper()
	return start(t, opts, (*httptest.Server).Start)
}

// StartTLS serves an instance over HTTPS with a certificate for 127.0.0.1. It fails the test if the options are wrong.
func StartTLS(t testing.TB, opts emulator.Options) *Instance {
	t.Helper()
	return start(t, opts, (*httptest.Server).StartTLS)
}

func start(t testing.TB, opts emulator.Options, listen func(*httptest.Server)) *Instance {
	t.Helper()

	server, err := emulator.New(opts)
	if err != nil {
		t.Fatalf("starting the emulator: %s", err)
	}

	web := httptest.NewUnstartedServer(server)
	web.EnableHTTP2 = true
	// Refused handshakes and cut connections are what tests are after; the log of them is noise.
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	listen(web)
	t.Cleanup(func() {
		// Ends requests that a fault holds; closing would wait for them for ever.
		web.CloseClientConnections()
		web.Close()
	})

	instance := &Instance{Server: server, URL: web.URL}
	if cert := web.Certificate(); cert != nil {
		instance.CACertificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	}

	return instance
}
