package emulatortest_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func login(t *testing.T, client *http.Client, instance *emulatortest.Instance) error {
	t.Helper()

	body := "grant_type=password&username=" + emulatortest.Username + "&password=" + emulatortest.Password +
		"&client_id=" + emulatortest.ClientID + "&client_secret=" + emulatortest.ClientSecret
	url := instance.URL + "/auth/realms/master/protocol/openid-connect/token"

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}

	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")

	answer, err := client.Do(request)
	if err != nil {
		return err
	}

	defer func() { _ = answer.Body.Close() }()

	if answer.StatusCode != http.StatusOK {
		t.Errorf("status is %d", answer.StatusCode)
	}

	return nil
}

func TestStartTLS(t *testing.T) {
	t.Parallel()

	instance := emulatortest.StartTLS(t, emulator.Options{})
	if err := login(t, http.DefaultClient, instance); err == nil {
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
	if err := login(t, client, instance); err != nil {
		t.Error(err)
	}
	// Over HTTP/2 a cut ends the stream alone, and the next request must find the instance as before.
	instance.Inject(emulator.Fault{Cut: true, Times: 1})

	if err := login(t, client, instance); err == nil {
		t.Error("a cut request was answered")
	}

	if err := login(t, client, instance); err != nil {
		t.Error(err)
	}
}
