package acctest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// Credentials returns the variables with which the provider authenticates to an instance of emulatortest.
func Credentials(url string) []string {
	return []string{"WALLAROO_URL=" + url, "WALLAROO_USER=" + emulatortest.Username, "WALLAROO_PASSWORD=" + emulatortest.Password}
}

// Emulator is a running program wallaroo-emulator.
type Emulator struct {
	// URL is where it listens.
	URL string
	// Credentials are the variables that it says to export. With -issuer some are to be filled in.
	Credentials []string
	// Process is the program.
	Process *Process
}

var buildEmulatorOnce = sync.OnceValues(func() (string, error) {
	return buildCached("wallaroo-emulator", "./cmd/wallaroo-emulator")
})

// greeting is the address and the first way to authenticate of what the program says when it listens.
var greeting = regexp.MustCompile(`(?s)\nlistening on (http://\S+)\n.*?\n((?:  export [^\n]+\n)+)`)

// StartEmulator builds the program, once a process, and starts it on a free port of the loopback address. The caller
// must stop it; the context limits the start alone.
func StartEmulator(ctx context.Context, flags ...string) (*Emulator, error) {
	dir, err := buildEmulatorOnce()
	if err != nil {
		return nil, err
	}

	cmd := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(dir, executable("wallaroo-emulator")),
		append([]string{"-listen", "127.0.0.1:0"}, flags...)...)
	cmd.Env = Environ()

	process, err := Start(cmd)
	if err != nil {
		return nil, err
	}

	e := &Emulator{Process: process}

	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()

	match, err := process.Await(ctx, greeting)
	if err != nil {
		_ = e.Stop()
		return nil, err
	}

	e.URL = match[1]
	for variable := range strings.Lines(match[2]) {
		e.Credentials = append(e.Credentials, strings.TrimPrefix(strings.TrimSpace(variable), "export "))
	}

	return e, nil
}

// ServeEmulator is StartEmulator for a test: the program runs until the test ends.
func ServeEmulator(t testing.TB, flags ...string) *Emulator {
	t.Helper()

	e, err := StartEmulator(t.Context(), flags...)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})

	return e
}

// Stop stops the emulator, and returns an error unless it ends as it should.
func (e *Emulator) Stop() error {
	want := 0
	if runtime.GOOS == "windows" {
		_, want = e.Process.Cmd.Process.Kill(), 1
	} else {
		_ = e.Process.Cmd.Process.Signal(os.Interrupt)
	}

	result, err := e.Process.Wait()
	if err != nil {
		return err
	}

	return result.Err(want)
}
