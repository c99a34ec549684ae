package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestWaited(t *testing.T) {
	t.Parallel()
	start := time.Now()
	request := func(from, to time.Duration) emulator.Request {
		return emulator.Request{Start: start.Add(from), Duration: to - from}
	}
	// The second begins within the first, the third lies within both, the fourth comes after a pause.
	got := waited([]emulator.Request{request(500, 600), request(0, 100), request(50, 200), request(60, 90)})
	if got != 300 {
		t.Errorf("waited %d, want 300", got)
	}
	// Three come one after another; the two in between are beside the first ones.
	row := inARow([]emulator.Request{request(500, 600), request(0, 100), request(50, 200), request(100, 190), request(60, 90)})
	if row != 3 {
		t.Errorf("%d in a row, want 3", row)
	}
}

func TestLeast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form          string
		members, want int
	}{{single, 1, 4}, {single, 10, 4}, {single, 11, 5}, {single, 1000, 5}, {exclusive, 1, 5}} {
		if got := least(figure{Form: c.form, Members: c.members}); got != c.want {
			t.Errorf("%s, %d members: %d, want %d", c.form, c.members, got, c.want)
		}
	}
}

func TestBestOfRounds(t *testing.T) {
	t.Parallel()
	r := report{Figures: []figure{
		{Subject: ours, Command: "plan", Round: 1, Wall: 3, CPU: 1, Memory: 10, Requests: map[string]int{"token": 1}},
		{Subject: core, Command: "plan", Round: 1, Wall: 1, CPU: 1},
		{Subject: ours, Command: "plan", Round: 2, Wall: 2, CPU: 2, Memory: 20, Requests: map[string]int{"token": 2}},
	}}
	all, find := r.best()
	got := find(figure{Subject: ours, Command: "plan"})
	if len(all) != 2 || got.Wall != 2 || got.CPU != 1 || got.Memory != 20 || got.Requests["token"] != 2 {
		t.Errorf("got %+v of %d", got, len(all))
	}
	if r.Figures[0].Requests["token"] != 1 {
		t.Error("the raw figures were changed")
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	f := figure{Form: single, Members: 10, Subject: ours, Latency: "50ms", Command: "plan", Wall: 3, CPU: 1.5, Waited: 0.25, InARow: 4}
	before := report{Figures: []figure{f, f.floor(core), f.floor(idle)}}
	before.Figures[1].Wall, before.Figures[2].CPU = 2, 1
	after := before
	after.Figures = append([]figure{}, before.Figures...)
	after.Figures[0].CPU = 1.2
	file := filepath.Join(t.TempDir(), "run.json")
	if _, err := before.save(place{root: "/"}, file); err != nil {
		t.Fatal(err)
	}
	before, err := load(file)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	printTable(&text, &before)
	printComparison(&text, &before, &after)
	for _, want := range []string{
		"| single | 10 | 50ms | plan | 3.00 s | 1.50 | – | 1.50 s | – | 1.50 |", "| 5.0 | 4 (4) |", "| 1.50 → 1.20 |",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	for i := range 3 {
		if strings.Count(lines[i], "|") != 18 || strings.Count(lines[3+i], "|") != 13 {
			t.Errorf("uneven table:\n%s", text.String())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-members", "1, 2", "-latency", "0,5ms", "-form", "single", "-compare", "a,b"})
	if err != nil || len(o.members) != 2 || o.latencies[1] != 5*time.Millisecond || o.before != "a" || o.after != "b" {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, args := range [][]string{{"-members", "0"}, {"-latency", "x"}, {"-form", "other"}, {"-rounds", "0"}, {"-others", "-1"}, {"more"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

func TestParse_mistakes(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-members x":       `-members: "x": must be a whole number of at least 1`,
		"-members 10,0":    `-members: "0": must be a whole number of at least 1`,
		"-rounds 0":        "-rounds must be at least 1",
		"-others -1":       "-others must be at least 0",
		"-form nope":       `-form: "nope": must be single or exclusive`,
		"-latency 5":       `-latency: "5"`,
		"-rounds 2 single": `unexpected argument "single"`,
	} {
		if _, err := parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %q", args, err, want)
		}
	}
}
