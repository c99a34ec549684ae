package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// output is what a command has printed.
type output struct {
	command string
	status  int
	text    string
}

// surprise is the error of a command that did not do what it should.
func (o output) surprise(format string, args ...any) error {
	return fmt.Errorf("%s\n\n%s ended with status %d:\n\n%s", fmt.Sprintf(format, args...), o.command, o.status, readable(o.text))
}

// diagnostic is a warning or an error, as the CLIs print it with -json.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

type event struct {
	Message    string      `json:"@message"`
	Diagnostic *diagnostic `json:"diagnostic"`
}

// diagnostics are those of a command that prints one JSON object a line, each once. They are sorted, since the order in
// which they come is that of chance.
func (o output) diagnostics() []diagnostic {
	var found []diagnostic
	for line := range strings.Lines(o.text) {
		var e event
		if json.Unmarshal([]byte(line), &e) == nil && e.Diagnostic != nil && !slices.Contains(found, *e.Diagnostic) {
			found = append(found, *e.Diagnostic)
		}
	}
	slices.SortStableFunc(found, func(a, b diagnostic) int { return strings.Compare(a.Detail, b.Detail) })
	return found
}

// about returns those with this summary.
func about(all []diagnostic, summary string) []diagnostic {
	return slices.DeleteFunc(slices.Clone(all), func(d diagnostic) bool { return d.Summary != summary })
}

// readable makes text of lines that may be JSON objects.
func readable(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		var e event
		if json.Unmarshal([]byte(line), &e) != nil || e.Message == "" {
			lines = append(lines, strings.TrimRight(line, "\r\n"))
			continue
		}
		lines = append(lines, e.Message)
		if e.Diagnostic != nil {
			lines = append(lines, indent(wrap(e.Diagnostic.Detail))...)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// change is what a plan has in mind for one resource.
type change struct {
	Address string `json:"address"`
	Change  struct {
		Actions   []string  `json:"actions"`
		Importing *struct{} `json:"importing"`
	} `json:"change"`
}

// String is like the line that the CLIs print: a sign and the address.
func (c change) String() string {
	sign := strings.NewReplacer("create", "+", "delete", "-", "update", "~", ",", "/").Replace(strings.Join(c.Change.Actions, ","))
	if c.Change.Importing != nil {
		sign = strings.Replace(sign, "no-op", "import", 1)
	}
	return sign + " " + c.Address
}

// withEffect drops what stays as it is.
func withEffect(changes []change) []change {
	return slices.DeleteFunc(changes, func(c change) bool {
		return slices.Equal(c.Change.Actions, []string{"no-op"}) && c.Change.Importing == nil
	})
}

// list returns one line for each change, sorted.
func list(changes []change) []string {
	lines := make([]string, len(changes))
	for i, c := range changes {
		lines[i] = c.String()
	}
	slices.Sort(lines)
	return lines
}
