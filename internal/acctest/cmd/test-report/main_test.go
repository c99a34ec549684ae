package main

import (
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

const (
	passed = `{"Action":"output","Package":"p","Test":"TestAccA","Output":"secretive log\n"}
{"Action":"pass","Package":"p","Test":"TestAccA"}
{"Action":"output","Package":"p","Output":"ok p 1s\n"}
{"Action":"pass","Package":"p"}
`
	skipped = `{"Action":"output","Package":"p","Test":"TestAccB/x","Output":"too old for x\n"}
{"Action":"skip","Package":"p","Test":"TestAccB/x"}
{"Action":"skip","Package":"p","Test":"TestOther"}
`
	failed = `{"Action":"output","Package":"p","Test":"TestAccC","Output":"got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestAccC"}
{"Action":"output","Package":"p","Output":"FAIL p 1s\n"}
{"Action":"fail","Package":"p"}
`
	broken = `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: syntax error\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL p [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`
)

func TestReport(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		events, printed, problem string
		allowed                  int
	}{
		"passed":             {events: passed, printed: "ok p 1s\n0 acceptance tests skipped"},
		"within the budget":  {events: skipped + passed, printed: "1 acceptance tests skipped", allowed: 1},
		"beyond the budget":  {events: skipped + passed, problem: "too old for x"},
		"failed":             {events: failed, printed: "got 1, want 2\nFAIL p 1s\n", problem: "1 packages failed"},
		"failed and skipped": {events: skipped + failed, printed: "got 1", problem: "1 packages failed", allowed: 1},
		"not built":          {events: broken, printed: "syntax error", problem: "1 packages failed"},
		"nothing":            {problem: "no test was run"},
		"text":               {events: "go: no such tool", problem: "not that of go test -json"},
		"cut":                {events: passed + `{"Action":`, problem: "not that of go test -json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var out strings.Builder

			err := report(strings.NewReader(test.events), &out, acctest.CLI{Product: acctest.Terraform, Minor: 9},
				[]budget{{acctest.Terraform, 5, 7}, {acctest.Terraform, 8, test.allowed}, {acctest.Terraform, 10, 7}, {acctest.OpenTofu, 9, 7}})
			if (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error is %v, want %q", err, test.problem)
			}

			if got := out.String(); !strings.Contains(got, test.printed) || strings.Contains(got, "secretive log") {
				t.Errorf("printed:\n%s\nwant %q", got, test.printed)
			}
		})
	}
}
