package acctest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// ExampleSeed returns what the examples and the guides run on: examples/emulator/seed.json.
func ExampleSeed(t testing.TB) emulator.Seed {
	t.Helper()

	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}

	file, err := os.Open(filepath.Join(root, "examples", "emulator", "seed.json"))
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = file.Close() }()

	seed, err := emulator.ReadSeed(file)
	if err != nil {
		t.Fatal(err)
	}

	return seed
}

// ExampleCredentials returns the variables with which the provider authenticates as the first user of that seed.
func ExampleCredentials(url string) []string {
	return []string{"WALLAROO_URL=" + url, "WALLAROO_USER=ann@example.com", "WALLAROO_PASSWORD=" + emulator.SeedPassword}
}
