package acctest

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
)

// ConfigurePluginTesting makes plugin-testing run the CLI of [FindCLI], and know the provider by [Source]. It fails the
// test without a CLI: a test that is skipped shows nothing.
func ConfigurePluginTesting(t testing.TB) {
	t.Helper()

	if err := configureOnce(); err != nil {
		t.Fatal(err)
	}
}

// configureOnce changes the environment of this process, from which plugin-testing takes its settings, and the CLI too.
var configureOnce = sync.OnceValue(func() error {
	cli, err := FindCLI()
	if err != nil {
		return err
	}

	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "TF_LOG") && !strings.HasPrefix(name, "TF_ACC") {
			err = errors.Join(err, os.Unsetenv(name))
		}
	}

	return errors.Join(err, os.Setenv("TF_ACC_TERRAFORM_PATH", cli.Path), os.Setenv("TF_ACC_PROVIDER_NAMESPACE", "wallaroo-community"))
})
