package emulatortest_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func TestStartTLS(t *testing.T) {
	t.Parallel()

	instance := emulatortest.StartTLS(t, emulator.Options{})
	login := func(client *http.Client) (emulatortest.Response, error) {
		return emulatortest.Send(t, client, http.MethodPost, instance.URL+emulatortest.TokenPath,
			"grant_type=password&username="+emulatortest.Username+"&password="+emulatortest.Password+
				"&client_id="+emulatortest.ClientID+"&client_secret="+emulatortest.ClientSecret,
			"Content-Type: "+emulatortest.Form)
	}

	if _, err := login(http.DefaultClient); err == nil {
		t.Error("an unknown certificate was trusted")
	}

	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(instance.CACertificate)) {
		t.Fatalf("no certificate in %q", instance.CACertificate)
	}

	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)

	client := &http.Client{Transport: transport}
	if got, err := login(client); err != nil || got.Status != http.StatusOK {
		t.Errorf("%v, %v", got, err)
	}
	// Over HTTP/2 a cut ends the stream alone, and the next request must find the instance as before.
	instance.Inject(emulator.Fault{Cut: true, Times: 1})

	if got, err := login(client); err == nil {
		t.Errorf("a cut request was answered: %v", got)
	}

	if got, err := login(client); err != nil || got.Status != http.StatusOK {
		t.Errorf("%v, %v", got, err)
	}
}
