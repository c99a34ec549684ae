package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// atOnce is how many operations the CLI has under way at a time.
const atOnce = 10

// printTable prints one line for each command of the provider, with its ratios to both floors.
func printTable(w io.Writer, r *report) {
	row(w, "Form", "Members", "Latency", "Command", "Wall", "Wall ÷ CLI", "Wall ÷ idle", "CPU", "CPU ÷ CLI",
		"CPU ÷ idle", "Provider's CPU (idle)", "Memory (idle)", "Requests", "Sent, received", "Connections", "Waiting in round trips", "Requests in a row (least)")
	fmt.Fprintln(w, strings.Repeat("|---", 17)+"|")
	all, find := r.best()
	for _, f := range all {
		if f.Subject != ours {
			continue
		}
		cli, nothing := find(f.floor(core)), find(f.floor(idle))
		row(w, f.Form, fmt.Sprint(f.Members), f.latency(), f.Command,
			seconds(f.Wall), ratio(f.Wall, cli.Wall), ratio(f.Wall, nothing.Wall),
			seconds(f.CPU), ratio(f.CPU, cli.CPU), ratio(f.CPU, nothing.CPU),
			fmt.Sprintf("%s (%s)", seconds(f.PluginCPU), seconds(nothing.PluginCPU)),
			fmt.Sprintf("%s (%s)", megabytes(f.Memory), megabytes(nothing.Memory)),
			counts(f.Requests), kilobytes(f.Sent)+", "+kilobytes(f.Received), fmt.Sprint(f.Connections), trips(f), chain(f))
	}
}

// printComparison prints one line for each command of the provider that both runs have.
func printComparison(w io.Writer, before, after *report) {
	row(w, "Form", "Members", "Latency", "Command", "Wall", "CPU", "CPU ÷ idle", "Provider's CPU", "Memory", "Requests", "Waiting in round trips", "Requests in a row")
	fmt.Fprintln(w, strings.Repeat("|---", 12)+"|")
	all, old := before.best()
	_, find := after.best()
	for _, f := range all {
		g := find(f.key())
		if f.Subject != ours || g.Command == "" {
			continue
		}
		row(w, f.Form, fmt.Sprint(f.Members), f.latency(), f.Command,
			change(seconds(f.Wall), seconds(g.Wall)), change(seconds(f.CPU), seconds(g.CPU)),
			change(ratio(f.CPU, old(f.floor(idle)).CPU), ratio(g.CPU, find(g.floor(idle)).CPU)),
			change(seconds(f.PluginCPU), seconds(g.PluginCPU)), change(megabytes(f.Memory), megabytes(g.Memory)),
			change(counts(f.Requests), counts(g.Requests)), change(trips(f), trips(g)), change(chain(f), chain(g)))
	}
}

func row(w io.Writer, cells ...string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

func change(before, after string) string {
	if before == after {
		return before
	}
	return before + " → " + after
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

func kilobytes(n int64) string { return fmt.Sprintf("%.1f kB", float64(n)/1e3) }

func ratio(a, b float64) string {
	if b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

func counts(requests map[string]int) string {
	var list []string
	for _, operation := range slices.Sorted(maps.Keys(requests)) {
		list = append(list, fmt.Sprintf("%s %d", operation, requests[operation]))
	}
	return strings.Join(list, ", ")
}

// trips is the time in which at least one request was under way, in round trips.
func trips(f figure) string {
	latency, err := time.ParseDuration(f.latency())
	if err != nil || latency == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", f.Waited/latency.Seconds())
}

// chain is the number of requests in a row. Beside that of a plan stands the least. It tells nothing of an instance
// that answers at once.
func chain(f figure) string {
	if f.latency() == "0s" {
		return "–"
	}
	text := fmt.Sprint(f.InARow)
	if f.Command == "plan" {
		text += fmt.Sprintf(" (%d)", least(f))
	}
	return text
}

// least is how many requests of a plan come one after another when as many are under way as the CLI allows: the
// sign-in, the list of workspaces, the directory, and the members of each workspace that has any in the graph.
func least(f figure) int {
	asked := workspaces
	if f.Form == single {
		asked = min(asked, f.Members)
	}
	return 3 + (asked+atOnce-1)/atOnce
}
