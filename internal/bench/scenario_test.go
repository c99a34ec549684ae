package bench_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// scenario is what one subject does on one instance, from an empty state on.
type scenario struct {
	form, subject string
	// workspaces and members are how many the configuration has; the members are spread over the workspaces.
	workspaces, members int
	// latency is that of the instance.
	latency time.Duration
	// otherUsers is how many more the instance has, with a workspace for every fifth.
	otherUsers int
	steps      []step
}

// step is one command of the CLI.
type step struct {
	// name begins the units of the metrics; a step without one is not measured.
	name string
	// withMembers tells whether the members are in the configuration.
	withMembers bool
	args        []string
}

// run runs all steps and returns the metrics, by unit.
func (s scenario) run(t testing.TB) map[string]float64 {
	t.Helper()
	instance := s.startInstance(t)
	folder := s.newFolder(t, instance)
	folder.Run(0, "init")
	env := folder.Env
	metrics := map[string]float64{}

	for _, step := range s.steps {
		folder.Env = append(slices.Clip(env), "TF_VAR_members=0")
		if step.withMembers {
			folder.Env = append(folder.Env, fmt.Sprintf("TF_VAR_members=%d", s.members))
		}

		instance.ResetRequests()

		measured := measureCLI(t, folder, step.args...)
		if step.name == "" {
			continue
		}

		for unit, value := range measured {
			metrics[step.name+"-"+unit] = value
		}

		requests := instance.Requests()

		metrics[step.name+"-critical-path"] = float64(criticalPath(requests))
		for _, r := range requests {
			metrics[step.name+"-"+r.Operation]++
		}
	}

	return metrics
}

// startInstance starts an instance that speaks HTTP/2 over TLS, as a real one does.
func (s scenario) startInstance(t testing.TB) *emulatortest.Instance {
	t.Helper()

	users := slices.Clone(emulator.SeedAccounts.Users)
	for n := range s.members {
		users = append(users, emulator.User{Email: fmt.Sprintf("member-%05d@example.com", n)})
	}

	for n := range s.otherUsers {
		users = append(users, emulator.User{Email: fmt.Sprintf("other-%06d@example.com", n)})
	}

	instance := emulatortest.StartTLS(t, emulator.Options{Latency: s.latency, Seed: emulator.Seed{Users: users}})
	for n := range s.otherUsers / 5 {
		instance.AddWorkspace(emulator.Workspace{
			Name: fmt.Sprintf("other-%05d", n), Members: map[string]string{emulator.HummelID: emulator.Owner},
		})
	}

	return instance
}

//go:embed graphs
var graphs embed.FS

// newFolder returns a folder with the configuration of the subject. That of both providers is the same, word for word.
func (s scenario) newFolder(t testing.TB, instance *emulatortest.Instance) *acctest.Folder {
	t.Helper()

	mirror, err := buildMirror()
	if err != nil {
		t.Fatal(err)
	}

	folder := acctest.NewFolder(t, acctest.Credentials(instance.URL)...)
	folder.Write("cli.tfrc", acctest.FilesystemMirror(mirror))
	folder.Env = append(folder.Env, "WALLAROO_CA_CERTIFICATE="+instance.CACertificate, "TF_CLI_CONFIG_FILE="+folder.Path("cli.tfrc"),
		"TF_VAR_form="+s.form, fmt.Sprintf("TF_VAR_workspaces=%d", s.workspaces))

	resources := "provider.tf"
	if s.subject == core {
		resources = core + ".tf"
	}

	for _, name := range []string{"members.tf", resources} {
		text, err := graphs.ReadFile("graphs/" + name)
		if err != nil {
			t.Fatal(err)
		}

		folder.Write(name, strings.ReplaceAll(string(text), "PROVIDER", s.subject))
	}

	return folder
}

// buildMirror builds both providers, once a process, and returns the mirror that they are in.
var buildMirror = sync.OnceValues(func() (string, error) {
	root, err := acctest.Root()
	if err != nil {
		return "", err
	}

	ctx, mirror := context.Background(), filepath.Join(root, ".cache", "bench", "mirror")

	return mirror, errors.Join(
		acctest.BuildMirror(ctx, mirror, ours, "0.1.0", "."),
		acctest.BuildMirror(ctx, mirror, idle, "0.1.0", "./internal/bench/idle"),
	)
})

// measureCLI runs a command, which must succeed. The CPU time is that of the CLI and of all providers.
func measureCLI(t testing.TB, folder *acctest.Folder, args ...string) map[string]float64 {
	t.Helper()

	start := time.Now()
	process := folder.Start(args...)

	ended, watched := make(chan struct{}), make(chan providerUsage)
	go func() { watched <- watchProviders(process.Cmd.Process.Pid, ended) }()

	outcome := folder.Wait(process)
	wall := time.Since(start)

	close(ended)

	usage := <-watched

	if err := outcome.Err(0); err != nil {
		t.Fatal(err)
	}

	state := process.Cmd.ProcessState

	return map[string]float64{
		"wall-s":         wall.Seconds(),
		"cpu-s":          (state.UserTime() + state.SystemTime()).Seconds(),
		"provider-cpu-s": usage.totalCPU().Seconds(),
		"provider-B":     float64(usage.memory),
	}
}

// criticalPath returns the greatest number of requests of which each began after the one before had ended.
func criticalPath(requests []emulator.Request) int {
	end := func(r emulator.Request) time.Time { return r.Start.Add(r.Duration) }

	slices.SortFunc(requests, func(a, b emulator.Request) int { return end(a).Compare(end(b)) })

	length := 0

	var until time.Time
	for _, r := range requests {
		if !r.Start.Before(until) {
			length, until = length+1, end(r)
		}
	}

	return length
}
