package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// atOnce runs f so often at the same time, from one start.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup

	begin := make(chan struct{})

	for i := range n {
		all.Go(func() {
			<-begin
			f(i)
		})
	}

	close(begin)
	all.Wait()
}

// signal is closed by the first request of an operation.
func signal(instance *emulatortest.Instance, operation string) <-chan struct{} {
	var once sync.Once

	arrived := make(chan struct{})

	instance.SetOnRequest(func(request emulator.Request) {
		if request.Operation == operation {
			once.Do(func() { close(arrived) })
		}
	})

	return arrived
}

// Ten reads of ten workspaces find out at the same time that the token is of no use.
func TestConcurrent_oneTokenForAll(t *testing.T) {
	t.Parallel()

	for name, end := range map[string]func(instance *emulatortest.Instance, later *clock){
		"not authenticated": func(*emulatortest.Instance, *clock) {},
		"expired":           func(_ *emulatortest.Instance, later *clock) { later.advance(11 * time.Minute) },
		"revoked":           func(instance *emulatortest.Instance, _ *clock) { instance.RevokeTokens() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			const many = 10

			later := new(clock)
			instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, Now: later.now, TokenLifetime: 10 * time.Minute})

			for i := range many {
				instance.AddWorkspace(emulator.Workspace{Name: fmt.Sprintf("team-%d", i), Members: map[string]string{
					emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Collaborator,
				}})
			}

			var members []*object

			setUp := start(t, instance)

			for i := range many {
				found, diags := setUp.importID(userKind, fmt.Sprintf("team-%d/%s", i, emulator.HansarickEmail))
				wantNone(t, diags)

				members = append(members, found)
			}

			run := start(t, instance)
			if name != "not authenticated" {
				wantNone(t, run.ask())
			}

			end(instance, later)
			instance.ResetRequests()

			atOnce(many, func(i int) {
				found, diags := run.read(bg, members[i])
				if len(diags) > 0 || found == nil {
					t.Errorf("read %v: %s", found, diags)
				}
			})

			if n := instance.Count("token"); n != 1 {
				t.Errorf("%d token requests, want 1", n)
			}
		})
	}
}

// A list is in flight, with a response from before the write. The write is not lost.
func TestConcurrent_writeDuringAList(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	var planned [2]*change

	for i := range planned {
		var diags diagnostics

		planned[i], diags = run.plan(workspaceKind, values{"name": fmt.Sprintf("team-%d", i)}, nil)
		wantNone(t, diags)
	}

	// The first create reads itself back, and the answer to that hangs.
	hold, arrived := make(chan struct{}), signal(instance, "workspaces/list")
	instance.Inject(emulator.Fault{Operation: "workspaces/list", Times: 1, Hold: hold, Body: `{"workspaces":[{"id":10,"name":"team-0"}]}`})

	var (
		all   sync.WaitGroup
		first *object
	)

	all.Go(func() {
		var diags diagnostics

		first, diags = run.apply(bg, planned[0])
		if diags.failed() {
			t.Errorf("the first create: %s", diags)
		}
	})

	<-arrived

	second, diags := run.apply(bg, planned[1])
	wantNone(t, diags)
	close(hold)
	all.Wait()
	wantID(t, run, first, 10)
	wantID(t, run, second, instance.WorkspaceID("team-1"))

	// By name first: a workspace of this run that is missed by its id is looked for again.
	_, diags = run.importID(workspaceKind, "team-1")
	wantNone(t, diags)

	for _, made := range []*object{first, second} {
		found, diags := run.read(bg, made)
		wantNone(t, diags)

		if found == nil {
			t.Errorf("lost: %s", made.value)
		}
	}
}

// labelled runs f so that [joined] knows its goroutine.
func labelled(t testing.TB, f func()) {
	pprof.Do(bg, pprof.Labels("test", t.Name()), func(context.Context) { f() })
}

// joined waits until n goroutines of a test wait for a fetch that they share. Only
// their stacks show that: the request is one.
func joined(t testing.TB, n int) {
	t.Helper()

	deadline := time.Now().Add(30 * time.Second)

	for waiting := 0; waiting < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines wait for the shared fetch, want %d", waiting, n)
		}

		var profile strings.Builder
		if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
			t.Fatal(err)
		}

		waiting = 0

		_, groups, _ := strings.Cut(profile.String(), "\n")
		for group := range strings.SplitSeq(groups, "\n\n") {
			var same int
			if strings.Contains(group, fmt.Sprintf("%q", t.Name())) && strings.Contains(group, "]).load+") {
				_, err := fmt.Sscanf(group, "%d @", &same)
				if err != nil {
					t.Fatalf("not a group of goroutines: %s", group)
				}
			}

			waiting += same
		}
	}
}

// Reads share one list. One of them is cancelled, whether it is the one that has sent
// the request or another, and the rest are not.
func TestConcurrent_cancelledReader(t *testing.T) {
	t.Parallel()

	const others = 3

	for name, cancelFirst := range map[string]bool{"the first": true, "a later one": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			prior := imported(t, instance, "8")
			run := start(t, instance)

			hold, arrived := make(chan struct{}), signal(instance, "workspaces/list")
			instance.Inject(emulator.Fault{Operation: "workspaces/list", Hold: hold})

			ctx, cancel := context.WithCancel(bg)
			defer cancel()

			var (
				all       sync.WaitGroup
				cancelled = make(chan struct{})
			)

			read := func() {
				found, diags := run.read(bg, prior)
				if len(diags) > 0 || found == nil {
					t.Errorf("found %v: %s", found, diags)
				}
			}
			readCancelled := func() {
				defer close(cancelled)

				_, diags := run.read(ctx, prior)
				if len(diags) != 1 || !strings.Contains(diags[0].Detail, "cancelled") {
					t.Errorf("the cancelled reader: %s", diags)
				}
			}

			first, last := read, readCancelled
			if cancelFirst {
				first, last = readCancelled, read
			}

			all.Go(func() { labelled(t, first) })
			<-arrived

			for range others {
				all.Go(func() { labelled(t, read) })
			}

			all.Go(func() { labelled(t, last) })
			joined(t, others+2)
			cancel()
			<-cancelled
			close(hold)
			all.Wait()
			wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
		})
	}
}

// Two runs create one name, and both have looked before either creates.
func TestConcurrent_twoRunsOfOneName(t *testing.T) {
	t.Parallel()

	for _, status := range []int{http.StatusBadRequest, http.StatusInternalServerError} {
		for _, adopt := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d, adopt %v", status, adopt), func(t *testing.T) {
				t.Parallel()

				instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNameStatus: status}})
				config := values{"name": "team-a", "adopt_existing": adopt}

				var both sync.WaitGroup

				both.Add(2)
				instance.SetOnRequest(func(request emulator.Request) {
					if request.Operation == "workspaces/create" {
						both.Done()
						both.Wait()
					}
				})

				var (
					runs    [2]*core
					planned [2]*change
					made    [2]*object
					diags   [2]diagnostics
				)

				for i := range runs {
					runs[i] = start(t, instance)
					planned[i], diags[i] = runs[i].plan(workspaceKind, config, nil)
					wantNone(t, diags[i])
				}

				atOnce(2, func(i int) { made[i], diags[i] = runs[i].apply(bg, planned[i]) })

				won := 0
				if made[0] == nil {
					won = 1
				}

				wantNone(t, diags[won])
				wantID(t, runs[won], made[won], 10)
				wantGone(t, made[1-won])
				wantError(t, diags[1-won], summaryNameInUse, `"team-a"`, "ID 10", "import {", "adopt_existing")

				if n := len(instance.Workspaces()); n != 7 || instance.Count("workspaces/create") != 2 {
					t.Errorf("%d workspaces after %d creates", n, instance.Count("workspaces/create"))
				}

				start(t, instance).wantEmptyPlan(config, made[won])
			})
		}
	}
}

// Two runs set the members of one workspace: both end with what they wanted in place.
func TestConcurrent_twoRunsOfOneMember(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"}

	var (
		runs    [2]*core
		planned [2]*change
	)

	for i := range runs {
		var diags diagnostics

		runs[i] = start(t, instance)
		planned[i], diags = runs[i].plan(userKind, config, nil)
		wantNone(t, diags)
	}

	atOnce(2, func(i int) {
		made, diags := runs[i].apply(bg, planned[i])
		if made == nil || len(diags) > 0 {
			t.Errorf("run %d made %v: %s", i, made, diags)
		}
	})

	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Owner})
}

// The run is cancelled while it adds a member. The add ends all the same: it is in the
// state, or the next apply finds it and sends nothing.
func TestConcurrent_cancelledAdd(t *testing.T) {
	t.Parallel()

	for kind, config := range map[string]values{
		userKind + ", collaborator": {"workspace_id": 8, "email": emulator.HansarickEmail},
		userKind + ", owner":        {"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"},
		exclusiveKind:               {"workspace_id": 8, "owners": []string{emulator.HummelEmail, emulator.HansarickEmail}},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			kind, _, _ := strings.Cut(kind, ",")
			instance := guide(t)
			run := start(t, instance)
			planned, diags := run.plan(kind, config, nil)
			wantNone(t, diags)

			hold, arrived := make(chan struct{}), signal(instance, "workspaces/add_user")
			instance.Inject(emulator.Fault{Operation: "workspaces/add_user", Hold: hold})

			ctx, cancel := context.WithCancel(bg)

			go func() {
				<-arrived
				cancel()
				close(hold)
			}()

			made, diags := run.apply(ctx, planned)

			if _, ok := instance.Members(8)[emulator.HansarickID]; !ok {
				t.Error("the add did not end")
			}

			switch {
			case made == nil:
				if !diags.failed() || !saysWhatNext(diags.errors()[0].Detail) {
					t.Errorf("nothing in the state: %s", diags)
				}

				instance.ResetRequests()

				made = start(t, instance).create(kind, config)

				if n := instance.Count("workspaces/add_user"); n != 0 {
					t.Errorf("%d more adds", n)
				}
			case made.tainted:
				t.Errorf("tainted: %s", diags)
			}

			start(t, instance).wantEmptyPlan(config, made)
		})
	}
}
