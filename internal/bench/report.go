package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// figure is what one command of one subject cost. Times are in seconds, sizes in bytes.
type figure struct {
	Form    string `json:"form"`
	Members int    `json:"members"`
	Subject string `json:"subject"`
	// Latency is that of the instance; "" for the floors, which ask nobody.
	Latency string `json:"latency,omitempty"`
	Command string `json:"command"`
	Round   int    `json:"round"`

	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
	// PluginCPU is the part of CPU that plugins used, as far as it was seen.
	PluginCPU float64 `json:"plugin_cpu"`
	// Memory is the peak of the largest plugin.
	Memory int64 `json:"memory"`
	// Requests are those to the instance by operation.
	Requests    map[string]int `json:"requests"`
	Connections int64          `json:"connections"`
	// Sent and Received are bytes on the wire, as the provider sees it.
	Sent     int64 `json:"sent"`
	Received int64 `json:"received"`
	// Waited is how long at least one request was under way.
	Waited float64 `json:"waited"`
	// InARow is the most requests of which each began after the one before had ended.
	InARow int `json:"in_a_row"`
}

func (f figure) latency() string {
	if f.Latency == "" {
		return "0s"
	}
	return f.Latency
}

// key tells what was measured, apart from the round.
func (f figure) key() figure {
	return figure{Form: f.Form, Members: f.Members, Subject: f.Subject, Latency: f.Latency, Command: f.Command}
}

// floor is the key of the same command of a floor.
func (f figure) floor(subject string) figure {
	return figure{Form: f.Form, Members: f.Members, Subject: subject, Command: f.Command}
}

// better takes the better times of two rounds, and the worse of all else.
func (f figure) better(g figure) figure {
	f.Wall, f.CPU, f.PluginCPU = min(f.Wall, g.Wall), min(f.CPU, g.CPU), min(f.PluginCPU, g.PluginCPU)
	f.Waited, f.InARow = min(f.Waited, g.Waited), min(f.InARow, g.InARow)
	f.Memory, f.Connections = max(f.Memory, g.Memory), max(f.Connections, g.Connections)
	f.Sent, f.Received = max(f.Sent, g.Sent), max(f.Received, g.Received)
	f.Requests = maps.Clone(f.Requests)
	for operation, n := range g.Requests {
		f.Requests[operation] = max(f.Requests[operation], n)
	}
	return f
}

// report is what is kept of a run.
type report struct {
	Date    time.Time `json:"date"`
	CLI     string    `json:"cli"`
	Go      string    `json:"go"`
	System  string    `json:"system"`
	Cores   int       `json:"cores"`
	Rounds  int       `json:"rounds"`
	Others  int       `json:"others,omitempty"`
	Figures []figure  `json:"figures"`
}

func newReport(ctx context.Context, p place, o options) *report {
	text, err := output(command(ctx, p.work, p.environment(), p.cli, "version"))
	if err != nil {
		text = "an unknown CLI"
	}
	cli, _, _ := strings.Cut(text, "\n")
	return &report{
		Date: time.Now().UTC(), CLI: cli, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Cores: runtime.NumCPU(), Rounds: o.rounds, Others: o.others,
	}
}

func (r *report) headline() string {
	text := fmt.Sprintf("%s, %s, %s, %d cores, %s, best of %d", r.Date.Format(time.DateOnly), r.CLI, r.System, r.Cores, r.Go, r.Rounds)
	if r.Others > 0 {
		text += fmt.Sprintf(", %d other workspaces and users", r.Others)
	}
	return text
}

// best merges the rounds, in the order of the measurements.
func (r *report) best() ([]figure, func(figure) figure) {
	var merged []figure
	index := map[string]int{}
	name := func(f figure) string { return fmt.Sprintf("%+v", f.key()) }
	for _, f := range r.Figures {
		if i, ok := index[name(f)]; ok {
			merged[i] = merged[i].better(f)
			continue
		}
		index[name(f)] = len(merged)
		merged = append(merged, f)
	}
	find := func(key figure) figure {
		if i, ok := index[name(key)]; ok {
			return merged[i]
		}
		return figure{}
	}
	return merged, find
}

// save writes the report and returns the path. Without a name it is one of its own.
func (r *report) save(p place, name string) (string, error) {
	if name == "" {
		name = filepath.Join(p.results(), r.Date.Format("20060102-150405")+".json")
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", err
	}
	if path, err := filepath.Rel(p.root, name); err == nil && filepath.IsAbs(name) {
		return path, os.WriteFile(name, append(text, '\n'), 0o600)
	}
	return name, os.WriteFile(name, append(text, '\n'), 0o600)
}

func load(name string) (report, error) {
	var r report
	text, err := os.ReadFile(name)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}
