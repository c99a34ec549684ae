package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// workspaces is how many workspaces the members are spread over.
const workspaces = 20

// The forms in which members can be written.
const (
	single    = "single"
	exclusive = "exclusive"
)

type options struct {
	members   []int
	latencies []time.Duration
	forms     []string
	rounds    int
	// others is how many workspaces and users the instance has beside those of the graph.
	others int
	out    string
	// before and after are files to compare. Without after, what is measured now is compared.
	before, after string
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	members := flags.String("members", "10,100,1000", "numbers of members")
	latencies := flags.String("latency", "0,50ms", "times that the instance takes for each request")
	forms := flags.String("form", "single,exclusive", "forms of the configuration: single, exclusive")
	compare := flags.String("compare", "", "file of an earlier run to compare with, or OLD,NEW to compare two without a run")
	flags.IntVar(&o.others, "others", 0, "how many other users and workspaces the instance has")
	flags.IntVar(&o.rounds, "rounds", 1, "how often everything is measured; the table shows the best")
	flags.StringVar(&o.out, "out", "", "file for the figures (default: a new one below .cache/bench)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.rounds < 1:
		return o, errors.New("-rounds must be at least 1")
	case o.others < 0:
		return o, errors.New("-others must be at least 0")
	}
	o.before, o.after, _ = strings.Cut(*compare, ",")
	var err error
	if o.members, err = split("members", *members, number); err != nil {
		return o, err
	}
	if o.latencies, err = split("latency", *latencies, time.ParseDuration); err != nil {
		return o, err
	}
	o.forms, err = split("form", *forms, form)
	return o, err
}

func number(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errors.New("must be a whole number of at least 1")
	}
	return n, nil
}

func form(text string) (string, error) {
	if !slices.Contains([]string{single, exclusive}, text) {
		return "", errors.New("must be single or exclusive")
	}
	return text, nil
}

func split[T any](name, list string, parse func(string) (T, error)) ([]T, error) {
	var values []T
	for text := range strings.SplitSeq(list, ",") {
		value, err := parse(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("-%s: %q: %w", name, text, err)
		}
		values = append(values, value)
	}
	return values, nil
}
