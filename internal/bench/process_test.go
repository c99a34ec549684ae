package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// pollInterval is the time between two looks at the providers of a CLI. What they use after the last is lost.
	pollInterval = 20 * time.Millisecond
	// clockTick is the unit of CPU time in /proc, which is the same on every Linux.
	clockTick = time.Second / 100
)

// providerUsage is what the provider processes of one CLI used. It stays empty where there is no /proc.
type providerUsage struct {
	// memory is the most that one of them held at a time, in bytes.
	memory int64
	// cpu is the CPU time of each, by process ID.
	cpu map[string]time.Duration
}

// watchProviders watches the children of a CLI until the channel is closed.
func watchProviders(cli int, ended <-chan struct{}) providerUsage {
	usage := providerUsage{cpu: map[string]time.Duration{}}

	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()

	for {
		select {
		case <-ended:
			return usage
		case <-ticker.C:
			usage.poll(cli)
		}
	}
}

func (u *providerUsage) poll(cli int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", cli))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for child := range strings.FieldsSeq(string(children)) {
			// A process that is about to become a provider still is the CLI.
			if program, _ := os.Readlink("/proc/" + child + "/exe"); strings.HasPrefix(filepath.Base(program), "terraform-provider-") {
				u.memory = max(u.memory, peakMemory(child))
				u.cpu[child] = max(u.cpu[child], cpuTime(child))
			}
		}
	}
}

func (u *providerUsage) totalCPU() time.Duration {
	var sum time.Duration
	for _, d := range u.cpu {
		sum += d
	}

	return sum
}

// peakMemory returns the most memory that a process ever held.
func peakMemory(pid string) int64 {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	for line := range strings.Lines(string(status)) {
		if size, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(size), " kB"), 10, 64)
			return kilobytes << 10
		}
	}

	return 0
}

// cpuTime returns the CPU time that a process has used.
func cpuTime(pid string) time.Duration {
	const user, system = 11, 12 // fields after the name, which stands in parentheses and may hold anything

	stat, _ := os.ReadFile("/proc/" + pid + "/stat")

	fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
	if len(fields) <= system {
		return 0
	}

	a, _ := strconv.ParseInt(fields[user], 10, 64)
	b, _ := strconv.ParseInt(fields[system], 10, 64)

	return time.Duration(a+b) * clockTick
}
