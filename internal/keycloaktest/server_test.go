//go:build keycloak

package keycloaktest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	startTimeout = 6 * time.Minute // a first start builds the server, which can be slow on a busy machine
	stopTimeout  = 30 * time.Second
)

// server is a running Keycloak.
type server struct {
	version
	// url is its base address, without /auth.
	url string
	*admin
}

// start runs a Keycloak with an empty database, sets it up as Wallaroo does, and stops it at the end of the test.
func start(t *testing.T, v version) *server {
	t.Helper()
	var failures []error
	// A second try takes another port and a fresh copy: the first may have been taken, or half built when it was stopped.
	for range 2 {
		url, err := v.run(t)
		if err == nil {
			k := &server{version: v, url: url, admin: &admin{url: url}}
			k.setUp(t)
			return k
		}
		failures = append(failures, err)
		v.spoiled()
	}
	t.Fatal(errors.Join(failures...))
	return nil
}

// run starts the server and waits until it answers.
func (v version) run(t *testing.T) (string, error) {
	t.Helper()
	home, err := v.unpacked(t.Context())
	if err != nil {
		return "", err
	}
	port, err := freePort(t.Context())
	if err != nil {
		return "", err
	}
	directory := t.TempDir()
	logs, err := os.Create(filepath.Join(directory, "log"))
	if err != nil {
		return "", err
	}
	defer func() { _ = logs.Close() }()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(home, "bin", "kc.sh"), "start-dev",
		"--http-host=127.0.0.1", "--http-port="+strconv.Itoa(port), "--http-relative-path=/auth")
	cmd.Dir, cmd.Stdout, cmd.Stderr = directory, logs, logs
	cmd.Env = append(plainEnvironment(),
		// A quick start is worth more than speed later on, and nothing may be written elsewhere.
		"JAVA_OPTS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xms256m -Xmx512m -Dfile.encoding=UTF-8"+
			" -XX:-UsePerfData -Djava.io.tmpdir=.",
		"KC_DB_URL=jdbc:h2:file:"+filepath.Join(directory, "keycloak")+";NON_KEYWORDS=VALUE",
		v.bootstrap[0]+"="+adminName, v.bootstrap[1]+"="+password)
	tie(cmd)
	ended, err := launch(cmd)
	if err != nil {
		return "", err
	}
	url := "http://127.0.0.1:" + strconv.Itoa(port)
	if err := ready(t.Context(), url, ended); err != nil {
		stop(t, cmd, ended)
		text, _ := os.ReadFile(logs.Name())
		return "", fmt.Errorf("keycloak %s: %w\n%s", v.number, err, tail(string(text), 30))
	}
	t.Cleanup(func() { stop(t, cmd, ended) })
	return url, nil
}

// plainEnvironment is the environment without what would set up a Keycloak in another way.
func plainEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "KC_") || strings.HasPrefix(variable, "KEYCLOAK_") || strings.HasPrefix(variable, "JAVA_OPTS")
	})
}

// launch starts a process from a thread that lives as long as the process does: on Linux the process gets its
// signal when the thread that started it ends. The channel is closed at the end of the process.
func launch(cmd *exec.Cmd) (<-chan struct{}, error) {
	started, ended := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	return ended, <-started
}

func ready(ctx context.Context, url string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return errors.New("it stopped at once")
		case <-ctx.Done():
			return errors.New("it does not answer")
		case <-tick.C:
		}
		// The realm answers before its clients and the administrator are there.
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+tokenPath, strings.NewReader(adminSignIn))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
}

// stop asks the server to stop, and its whole group, as it may be at its build with a process of its own.
func stop(t *testing.T, cmd *exec.Cmd, ended <-chan struct{}) {
	group := -cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopTimeout):
		t.Errorf("%s did not stop when it was asked to", filepath.Base(cmd.Path))
	}
	// Nobody may be left; without anybody this is an error that says so.
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-ended
}

func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("no TCP address: %s", listener.Addr())
	}
	return address.Port, nil
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
