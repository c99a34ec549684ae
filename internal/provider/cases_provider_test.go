package provider_test

import (
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// B16, B17: empty texts are not set, and a line break at the end of a password is shown.
func TestCases_providerBlock(t *testing.T) {
	t.Parallel()

	instance := emulatortest.Start(t, emulator.Options{Seed: people()})
	environment := map[string]string{
		"WALLAROO_URL": instance.URL, "WALLAROO_AUTH_URL": "", "WALLAROO_USER": annMail, "WALLAROO_PASSWORD": emulatortest.Password, "WALLAROO_TOKEN": "",
	}
	empty := values{"endpoint": "", "auth_endpoint": "", "username": "", "password": "", "token": "", "client_id": "", "ca_certificate": ""}

	for name, one := range map[string]struct {
		block       values
		environment map[string]string
	}{
		"in the block":    {empty, environment},
		"in one of two":   {values{"auth_endpoint": "", "username": ""}, environment},
		"in the variable": {values{"endpoint": instance.URL, "username": annMail, "password": emulatortest.Password}, map[string]string{"WALLAROO_URL": "", "WALLAROO_TOKEN": "", "WALLAROO_USER": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			run := newCore(t, provider.WithEnvironment(func(name string) string { return one.environment[name] }))
			wantNone(t, run.configure(one.block))

			caller, diags := run.readData("wallaroo_current_user", nil)
			wantNone(t, diags)

			if email := run.textOf(caller, "email"); email != annMail {
				t.Errorf("authenticated as %q", email)
			}
		})
	}

	t.Run("line break", func(t *testing.T) {
		t.Parallel()

		run := newCore(t)
		wantNoError(t, run.configure(values{"endpoint": instance.URL, "username": annMail, "password": emulatortest.Password + "\n"}))

		_, diags := run.readData("wallaroo_current_user", nil)
		if wantNotSaid(t, diags, emulatortest.Password+"\n"); !diags.failed() || !strings.Contains(diags.String(), "line break") {
			t.Errorf("read with %s", diags)
		}
	})
}
