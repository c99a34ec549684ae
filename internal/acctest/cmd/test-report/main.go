// Command test-report reads what "go test -json" writes, and prints what "go test" would. It fails when a test has failed,
// and also when more acceptance tests were skipped than the CLI's budget allows: a test that is skipped shows nothing.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

// budget is how many acceptance tests, subtests included, may be skipped with a CLI of this minor version or a later one.
type budget struct {
	product string
	from    int
	skips   int
}

// budgets change only with a test of something that older CLIs do not have.
var budgets = []budget{
	{acctest.Terraform, 5, 17},
	{acctest.Terraform, 7, 8},
	{acctest.Terraform, 8, 4},
	{acctest.Terraform, 12, 0},
	{acctest.OpenTofu, 6, 17},
	{acctest.OpenTofu, 7, 8},
	{acctest.OpenTofu, 8, 6},
	{acctest.OpenTofu, 10, 4},
	{acctest.OpenTofu, 12, 0},
}

func main() {
	cli, err := acctest.FindCLI()
	if err == nil {
		err = report(os.Stdin, os.Stdout, cli, budgets)
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "test-report:", err)
		os.Exit(1)
	}
}

// event is what "go doc test2json" describes.
type event struct {
	Action, Package, Test, Output string
}

func report(events io.Reader, out io.Writer, cli acctest.CLI, budgets []budget) error {
	skipped, err := read(events, out)
	if err != nil {
		return err
	}

	allowed := allowance(cli, budgets)

	_, _ = fmt.Fprintf(out, "%d acceptance tests skipped with %s, at most %d may be\n", len(skipped), cli, allowed)
	if len(skipped) > allowed {
		return fmt.Errorf("too many acceptance tests skipped with %s:\n%s", cli, strings.Join(skipped, "\n"))
	}

	return nil
}

// read prints the outcome of packages and the output of failed tests, and returns the skipped acceptance tests.
func read(events io.Reader, out io.Writer) (skipped []string, err error) {
	outputs := map[string]string{} // of tests that have not ended
	packages, failed := 0, 0

	for lines := json.NewDecoder(bufio.NewReader(events)); ; {
		var e event
		switch err := lines.Decode(&e); {
		case errors.Is(err, io.EOF) && packages == 0:
			return nil, errors.New("no test was run")
		case errors.Is(err, io.EOF) && failed > 0:
			return nil, fmt.Errorf("%d packages failed", failed)
		case errors.Is(err, io.EOF):
			return skipped, nil
		case err != nil:
			return nil, fmt.Errorf("the input is not that of go test -json: %w", err)
		}

		name := e.Package + "." + e.Test
		switch {
		case e.Action == "build-output", e.Action == "output" && e.Test == "":
			_, _ = io.WriteString(out, e.Output)
		case e.Action == "output":
			outputs[name] += e.Output
		case e.Action == "fail" && e.Test == "":
			packages, failed = packages+1, failed+1
		case e.Test == "" && (e.Action == "pass" || e.Action == "skip"):
			packages++
		case e.Action == "fail":
			_, _ = io.WriteString(out, outputs[name])
			delete(outputs, name)
		case e.Action == "skip" && strings.HasPrefix(e.Test, "TestAcc"):
			skipped = append(skipped, outputs[name])
			delete(outputs, name)
		case e.Action == "pass", e.Action == "skip":
			delete(outputs, name)
		}
	}
}

// allowance returns the budget of the latest version that is not later than the CLI's.
func allowance(cli acctest.CLI, budgets []budget) int {
	from, skips := -1, 0
	for _, b := range budgets {
		if b.product == cli.Product && b.from <= cli.Minor && b.from > from {
			from, skips = b.from, b.skips
		}
	}

	return skips
}
