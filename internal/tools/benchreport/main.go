// Command benchreport reads the output of "make bench". It prints tables in Markdown, and draws the CPU time against the
// number of members into the SVG file that it is given:
//
//	benchreport performance.svg <results.txt
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchreport:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: benchreport FILE.svg <RESULTS")
	}

	results, err := read(in)
	if err != nil {
		return err
	}

	if members := results.named("Members"); len(members) > 0 {
		printMembers(out, members)

		if err := draw(args[0], members); err != nil {
			return err
		}
	}

	if others := results.except("Members"); len(others) > 0 {
		printOthers(out, others)
	}

	return nil
}

// result is that of one benchmark. Its values have units such as plan-cpu-s.
type result struct {
	name   string
	config map[string]string
	values map[string]float64
}

// results are in the order in which they were measured.
type results []*result

// read reads results. Of one that was measured several times it has the shortest times and the most of all else.
func read(in io.Reader) (results, error) {
	var all results

	index := map[string]*result{}

	reader := benchfmt.NewReader(in, "standard input")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			full := record.Name.String()

			r := index[full]
			if r == nil {
				r = newResult(record.Name)
				index[full] = r
				all = append(all, r)
			}

			r.merge(record.Values)
		}
	}

	if len(all) == 0 && reader.Err() == nil {
		return nil, errors.New("there are no results")
	}

	return all, reader.Err()
}

func newResult(name benchfmt.Name) *result {
	base, parts := name.Parts()
	r := &result{name: string(base), config: map[string]string{}, values: map[string]float64{}}

	for _, part := range parts {
		if key, value, ok := strings.Cut(strings.TrimPrefix(string(part), "/"), "="); ok {
			r.config[key] = value
		}
	}

	return r
}

func (r *result) merge(values []benchfmt.Value) {
	for _, v := range values {
		old, found := r.values[v.Unit]
		switch {
		case !found:
			r.values[v.Unit] = v.Value
		case strings.HasSuffix(v.Unit, "-s"):
			r.values[v.Unit] = min(old, v.Value)
		default:
			r.values[v.Unit] = max(old, v.Value)
		}
	}
}

func (rs results) named(name string) results {
	return slices.DeleteFunc(slices.Clone(rs), func(r *result) bool { return r.name != name })
}

func (rs results) except(name string) results {
	return slices.DeleteFunc(slices.Clone(rs), func(r *result) bool { return r.name == name })
}

// with returns the result of the same benchmark with another value of a key, or an empty one.
func (rs results) with(r *result, key, value string) *result {
	for _, other := range rs {
		if other.name == r.name && other.config[key] == value && other.label(key) == r.label(key) {
			return other
		}
	}

	return &result{}
}

// label returns the configuration without a key.
func (r *result) label(without string) string {
	var parts []string

	for _, key := range []string{"form", "members", "workspaces", "users", "subject", "latency"} {
		if value := r.config[key]; key != without && value != "" {
			parts = append(parts, key+"="+value)
		}
	}

	return strings.Join(parts, ", ")
}
