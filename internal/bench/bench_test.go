package bench_test

import (
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

var (
	sizes   = flag.String("members", "10,100,1000", "`numbers` of members to measure beside the floors, at most 1024")
	team    = flag.Int("team", 300, "`number` of members to add to one workspace and to remove, at most 1024")
	creates = flag.Int("creates", 60, "`number` of workspaces to create, at most 1024")
	users   = flag.Int("users", 100_000, "`number` of users of a crowded instance, with a workspace for every fifth")
	latency = flag.Duration("latency", 50*time.Millisecond, "time that a slow instance takes for each request")
)

// The forms in which members can be written.
const (
	single    = "single"
	exclusive = "exclusive"
)

// The subjects of a benchmark. The last two are the floors.
const (
	ours = "wallaroo"
	core = "terraform_data"
	idle = "idle"
)

var forms = []string{single, exclusive}

var (
	apply = []string{"apply", "-auto-approve"}
	// plan fails if there is anything to do.
	plan = []string{"plan", "-detailed-exitcode"}

	applyAndPlan = []step{{"apply", true, apply}, {"plan", true, plan}}
)

// BenchmarkMembers creates members in 20 workspaces and plans them again. The subjects of one size follow each other, so
// that a busy moment of the machine meets them alike.
func BenchmarkMembers(b *testing.B) {
	for _, form := range forms {
		for size := range strings.SplitSeq(*sizes, ",") {
			members, err := strconv.Atoi(size)
			if err != nil {
				b.Fatalf("-members: %s", err)
			}

			for _, subject := range []string{core, idle, ours} {
				benchmark(b, fmt.Sprintf("form=%s/members=%d/subject=%s", form, members, subject),
					scenario{form: form, subject: subject, workspaces: 20, members: members, steps: applyAndPlan})
			}
		}
	}
}

// BenchmarkTeam adds members to one workspace that exists, and removes them.
func BenchmarkTeam(b *testing.B) {
	for _, form := range forms {
		for _, latency := range []time.Duration{0, *latency} {
			benchmark(b, fmt.Sprintf("form=%s/members=%d/latency=%s", form, *team, latency), scenario{
				form: form, subject: ours, workspaces: 1, members: *team, latency: latency,
				steps: []step{{"", false, apply}, {"add", true, apply}, {"remove", false, apply}},
			})
		}
	}
}

// BenchmarkCreates creates workspaces.
func BenchmarkCreates(b *testing.B) {
	for _, latency := range []time.Duration{0, *latency} {
		benchmark(b, fmt.Sprintf("workspaces=%d/latency=%s", *creates, latency), scenario{
			form: single, subject: ours, workspaces: *creates, latency: latency, steps: []step{{"apply", true, apply}},
		})
	}
}

// BenchmarkCrowd creates few members on an instance that has many users and workspaces.
func BenchmarkCrowd(b *testing.B) {
	for _, form := range forms {
		benchmark(b, fmt.Sprintf("form=%s/users=%d", form, *users),
			scenario{form: form, subject: ours, workspaces: 1, members: 10, otherUsers: *users, steps: applyAndPlan})
	}
}

func benchmark(b *testing.B, name string, s scenario) {
	b.Run(name, func(b *testing.B) {
		b.ReportMetric(0, "ns/op") // is left out

		for unit, value := range s.run(b) {
			b.ReportMetric(value, unit)
		}
	})
}

// TestScenario runs all subjects in a small size, so that a change of the provider or of the kit cannot break the
// benchmarks unseen.
func TestScenario(t *testing.T) {
	t.Parallel()

	for _, subject := range []string{core, idle, ours} {
		t.Run(subject, func(t *testing.T) {
			t.Parallel()

			metrics := scenario{form: single, subject: subject, workspaces: 3, members: 2, steps: applyAndPlan}.run(t)
			for unit, want := range map[string]float64{
				"apply-workspaces/create": 3, "apply-workspaces/add_user": 2, "apply-token": 2,
				"plan-token": 1, "plan-users/query": 1, "plan-workspaces/list": 1, "plan-workspaces/list_users": 2,
				"plan-workspaces/add_user": 0,
			} {
				if subject != ours {
					want = 0
				}

				if metrics[unit] != want {
					t.Errorf("%s is %v, want %v", unit, metrics[unit], want)
				}
			}

			seen := metrics["apply-provider-B"] > 0 && metrics["apply-provider-cpu-s"] > 0
			if runtime.GOOS == "linux" && seen != (subject != core) {
				t.Errorf("the provider used %v bytes and %v s", metrics["apply-provider-B"], metrics["apply-provider-cpu-s"])
			}

			if metrics["plan-cpu-s"] <= 0 || metrics["plan-wall-s"] <= 0 {
				t.Errorf("the plan took %v s, and %v s of CPU time", metrics["plan-wall-s"], metrics["plan-cpu-s"])
			}
		})
	}
}

func TestCriticalPath(t *testing.T) {
	t.Parallel()

	start := time.Now()
	request := func(from, to time.Duration) emulator.Request {
		return emulator.Request{Start: start.Add(from), Duration: to - from}
	}
	// Three come one after another; the other two are in flight beside the first.
	requests := []emulator.Request{request(500, 600), request(0, 100), request(50, 200), request(100, 190), request(60, 90)}
	if got := criticalPath(requests); got != 3 {
		t.Errorf("the critical path has %d requests, want 3", got)
	}
}
