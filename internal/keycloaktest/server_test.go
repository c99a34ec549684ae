//go:build keycloak

package keycloaktest_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

// startTimeout is long, as a first start builds the server.
const startTimeout = 6 * time.Minute

// server is a running Keycloak, set up as Wallaroo sets up its own.
type server struct {
	version
	// url is its base address, without /auth.
	url string
	// web authenticates as the administrator.
	web *http.Client
}

// start runs a Keycloak with an empty database until the test ends.
func start(t *testing.T, v version) *server {
	t.Helper()
	home := v.install(t)

	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()

	process := v.run(t, home)

	match, err := process.Await(ctx, regexp.MustCompile(`Listening on: (http://127\.0\.0\.1:\d+)`))
	if err != nil {
		t.Fatal(err)
	}

	k := &server{version: v, url: match[1]}
	// Older versions listen before they create the administrator.
	for err = k.signIn(ctx); err != nil && ctx.Err() == nil; err = k.signIn(ctx) {
		time.Sleep(200 * time.Millisecond)
	}

	if err != nil {
		t.Fatal(err)
	}

	k.setUp(t)

	if err := os.WriteFile(filepath.Join(home, built), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	return k
}

// signIn authenticates as the administrator.
func (k *server) signIn(ctx context.Context) error {
	config := oauth2.Config{ClientID: "admin-cli", Endpoint: oauth2.Endpoint{TokenURL: k.url + tokenPath, AuthStyle: oauth2.AuthStyleInParams}}
	token, err := config.PasswordCredentialsToken(ctx, adminName, password)
	// The client outlives the context, which limits the requests of some callers.
	k.web = config.Client(context.WithoutCancel(ctx), token)

	return err
}

// run starts the program on a free port.
func (v version) run(t *testing.T, home string) *acctest.Process {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, filepath.Join(home, "bin", "kc.sh"), "start-dev",
		"--http-host=127.0.0.1", "--http-port=0", "--http-relative-path=/auth")
	cmd.Dir = dir
	cmd.Env = acctest.Environ(
		// A quick start is worth more than speed later on, and nothing may be written elsewhere.
		"JAVA_OPTS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xms256m -Xmx512m -Dfile.encoding=UTF-8 -XX:-UsePerfData -Djava.io.tmpdir=.",
		"KC_DB_URL=jdbc:h2:file:"+filepath.Join(dir, "keycloak")+";NON_KEYWORDS=VALUE",
		v.adminVariables[0]+"="+adminName, v.adminVariables[1]+"="+password)
	acctest.InGroup(cmd)

	process, err := acctest.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		cancel()

		_, _ = process.Wait() // It ends by a signal, which is no success.

		acctest.EndGroup(cmd)
	})

	return process
}

// built is a file in an installation whose server has been started once: a start that was stopped while it built the server
// leaves one that cannot be used.
const built = "built-by-keycloaktest"

// installing keeps two Maven runs from writing to its repository at once.
var installing sync.Mutex

// install returns the directory of an unpacked distribution below .cache of the checkout. Maven keeps the archive.
func (v version) install(t *testing.T) string {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()

	root, err := acctest.Root()
	if err != nil {
		t.Fatal(err)
	}

	dir := filepath.Join(root, ".cache", "keycloak", v.number)

	home := filepath.Join(dir, "keycloak-"+v.number)
	if _, err := os.Stat(filepath.Join(home, built)); err == nil {
		return home
	}

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}

	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}

	mvn := exec.CommandContext(t.Context(), "mvn", "--batch-mode", "--quiet", "--strict-checksums", "dependency:unpack",
		"-Dartifact=org.keycloak:keycloak-quarkus-dist:"+v.number+":zip", "-DoutputDirectory="+dir)
	mvn.Dir = dir

	if _, err := acctest.RunOK(mvn); err != nil {
		t.Fatal(fmt.Errorf("fetching Keycloak %s needs Maven and Java 17 or later: %w", v.number, err))
	}

	return home
}
