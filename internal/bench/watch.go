package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// pace is the time between two looks at the plugins. What they use after the last one is lost, memory hardly ever.
const pace = 50 * time.Millisecond

// tick is the unit of CPU time in /proc, which is the same on every Linux.
const tick = time.Second / 100

// plugins is what the plugins of one CLI used.
type plugins struct {
	// memory is the most that one of them held at a time, in bytes.
	memory int64
	// cpu is the CPU time of each, by process id.
	cpu map[string]time.Duration
}

func (p *plugins) total() time.Duration {
	var sum time.Duration
	for _, d := range p.cpu {
		sum += d
	}
	return sum
}

// watch looks at the plugins of a CLI until the returned function is called. It sees nothing where there is no /proc.
func watch(pid int) func() *plugins {
	stop, result := make(chan struct{}), make(chan *plugins)
	go func() {
		seen := &plugins{cpu: map[string]time.Duration{}}
		ticker := time.NewTicker(pace)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				result <- seen
				return
			case <-ticker.C:
				seen.look(pid)
			}
		}
	}()
	return func() *plugins {
		close(stop)
		return <-result
	}
}

func (p *plugins) look(pid int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(children)) {
			// A process that is about to become a plugin still is the CLI.
			if program, _ := os.Readlink("/proc/" + child + "/exe"); !strings.HasPrefix(filepath.Base(program), "terraform-provider-") {
				continue
			}
			p.memory = max(p.memory, peak(child))
			p.cpu[child] = max(p.cpu[child], used(child))
		}
	}
}

// peak is the most memory that a process ever held.
func peak(pid string) int64 {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	for line := range strings.Lines(string(status)) {
		if size, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(size), " kB"), 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

// used is the CPU time of a process.
func used(pid string) time.Duration {
	const user, system = 11, 12 // fields after the name, which stands in parentheses and may hold anything
	stat, _ := os.ReadFile("/proc/" + pid + "/stat")
	fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
	if len(fields) <= system {
		return 0
	}
	a, _ := strconv.ParseInt(fields[user], 10, 64)
	b, _ := strconv.ParseInt(fields[system], 10, 64)
	return time.Duration(a+b) * tick
}
