package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// printMembers prints the members beside both floors.
func printMembers(w io.Writer, all results) {
	printHead(w, "Form", "Members", "Command", "CPU", "CPU ÷ CLI", "CPU ÷ idle", "Provider's CPU (idle)", "Memory (idle)", "Requests")

	for _, r := range all {
		if r.config["subject"] != "wallaroo" {
			continue
		}

		cli, idle := all.with(r, "subject", "terraform_data"), all.with(r, "subject", "idle")
		for _, step := range r.steps() {
			cpu, own, memory := step+"-cpu-s", step+"-provider-cpu-s", step+"-provider-B"
			printRow(w, r.config["form"], r.config["members"], step, seconds(r.values[cpu]),
				ratio(r.values[cpu], cli.values[cpu]), ratio(r.values[cpu], idle.values[cpu]),
				fmt.Sprintf("%s (%s)", seconds(r.values[own]), seconds(idle.values[own])),
				fmt.Sprintf("%s (%s)", megabytes(r.values[memory]), megabytes(idle.values[memory])), r.requests(step))
		}
	}

	fmt.Fprintln(w)
}

// printOthers prints all other benchmarks, with the wait that the latency costs.
func printOthers(w io.Writer, all results) {
	printHead(w, "Benchmark", "Latency", "Command", "Wall", "Wait", "Critical path", "Provider's CPU", "Memory", "Requests")

	for _, r := range all {
		quick := all.with(r, "latency", "0s")
		for _, step := range r.steps() {
			wait, path := "–", "–"
			if r.config["latency"] != "" && r != quick {
				wait = seconds(r.values[step+"-wall-s"] - quick.values[step+"-wall-s"])
				path = fmt.Sprint(r.values[step+"-critical-path"])
			}

			printRow(w, r.name+": "+r.label("latency"), r.config["latency"], step, seconds(r.values[step+"-wall-s"]), wait, path,
				seconds(r.values[step+"-provider-cpu-s"]), megabytes(r.values[step+"-provider-B"]), r.requests(step))
		}
	}
}

// steps returns the commands that were measured, in alphabetical order.
func (r *result) steps() []string {
	var steps []string

	for unit := range r.values {
		if step, ok := strings.CutSuffix(unit, "-wall-s"); ok {
			steps = append(steps, step)
		}
	}

	slices.Sort(steps)

	return steps
}

// requests returns the counts of a command by operation.
func (r *result) requests(step string) string {
	var counts []string

	for _, unit := range slices.Sorted(maps.Keys(r.values)) {
		operation, ok := strings.CutPrefix(unit, step+"-")
		if ok && (operation == "token" || strings.Contains(operation, "/")) {
			counts = append(counts, fmt.Sprintf("%s %.0f", operation[strings.Index(operation, "/")+1:], r.values[unit]))
		}
	}

	return strings.Join(counts, ", ")
}

func printHead(w io.Writer, cells ...string) {
	printRow(w, cells...)
	printRow(w, slices.Repeat([]string{"---"}, len(cells))...)
}

func printRow(w io.Writer, cells ...string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

func megabytes(bytes float64) string { return fmt.Sprintf("%.0f MB", bytes/1e6) }

func ratio(a, b float64) string {
	if b == 0 {
		return "–"
	}

	return fmt.Sprintf("%.2f", a/b)
}
