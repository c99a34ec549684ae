package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const measured = `goos: linux
BenchmarkMembers/form=single/members=10/subject=terraform_data-2 1 0.5 plan-cpu-s 1 plan-wall-s 0.5 apply-cpu-s 1 apply-wall-s
BenchmarkMembers/form=single/members=10/subject=idle-2 1 2 plan-cpu-s 1 plan-wall-s 4e+07 plan-provider-B 2 apply-cpu-s 1 apply-wall-s
BenchmarkMembers/form=single/members=10/subject=wallaroo-2 1 1 plan-cpu-s 1 plan-wall-s 3e+07 plan-provider-B 1 plan-token 2 plan-users/query 1 apply-cpu-s 1 apply-wall-s
BenchmarkMembers/form=exclusive/members=10/subject=wallaroo-2 1 1 plan-cpu-s 1 plan-wall-s 1 apply-cpu-s 1 apply-wall-s
BenchmarkTeam/form=single/members=300/latency=0s-2 1 4 add-wall-s 9 add-critical-path 5 add-provider-B
BenchmarkTeam/form=single/members=300/latency=50ms-2 1 7 add-wall-s 31 add-critical-path 5e6 add-provider-B
BenchmarkTeam/form=single/members=300/latency=50ms-2 1 6 add-wall-s 30 add-critical-path 6e6 add-provider-B
PASS
`

func TestRun(t *testing.T) {
	t.Parallel()
	picture := filepath.Join(t.TempDir(), "picture.svg")

	var text bytes.Buffer
	if err := run([]string{picture}, strings.NewReader(measured), &text); err != nil {
		t.Fatal(err)
	}

	for _, want := range []string{
		"| single | 10 | plan | 1.00 s | 2.00 | 0.50 | 0.00 s (0.00 s) | 30 MB (40 MB) | token 1, query 2 |\n",
		"| Team: form=single, members=300 | 0s | add | 4.00 s | – | – |",
		"| Team: form=single, members=300 | 50ms | add | 6.00 s | 2.00 s | 31 | 0.00 s | 6 MB |",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}

	svg, err := os.ReadFile(picture)
	if err != nil || !bytes.Contains(svg, []byte("wallaroo_workspace_users_exclusive")) {
		t.Errorf("the picture is %s, %v", svg, err)
	}
}

func TestRun_noResults(t *testing.T) {
	t.Parallel()

	err := run([]string{filepath.Join(t.TempDir(), "picture.svg")}, strings.NewReader("PASS\n"), &bytes.Buffer{})
	if err == nil || err.Error() != "there are no results" {
		t.Errorf("the error is %v", err)
	}
}
