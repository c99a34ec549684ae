package examplestest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

// reportOn runs the script on a plan at its standard input.
func reportOn(t *testing.T, plan string, args ...string) acctest.Result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), findPython(t), append([]string{filepath.Join(examplesDir, driftExample, "drift_report.py")}, args...)...)
	cmd.Env, cmd.Stdin = acctest.Environ(), strings.NewReader(plan)

	return run(t, cmd)
}

// What is no plan is one line, and an exit code that is not that of drift.
func TestReport_unreadable(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		input, want string
		args        []string
	}{
		"empty":            {input: "\n", want: "standard input is empty: did `terraform show -json` fail?"},
		"text":             {input: "Error: no plan\n", want: "standard input is not the JSON of `terraform show -json PLAN`: Expecting value: line 1 column 1 (char 0)"},
		"log of plan":      {input: "{\"@level\":\"info\"}\n{\"@level\":\"info\"}\n", want: "standard input is not the JSON of `terraform show -json PLAN`: Extra data: line 2 column 1 (char 18)"},
		"other text":       {input: "\xff\xfe{\x00", want: "standard input is not the JSON of `terraform show -json PLAN`: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"},
		"plan file":        {input: "PK\x03\x04", want: "standard input is a plan file: give the output of `terraform show -json PLAN`"},
		"list":             {input: "[]", want: "standard input is JSON, but not that of `terraform show -json PLAN`"},
		"other JSON":       {input: `{"version":4}`, want: "standard input is JSON, but not that of `terraform show -json PLAN`"},
		"state":            {input: `{"format_version":"1.0","values":{}}`, want: "standard input is not a plan but a state: name the plan in `terraform show -json PLAN`"},
		"later version":    {input: `{"format_version":"2.0","planned_values":{}}`, want: "standard input has the format version 2.0, and only 1 is supported"},
		"other shape":      {input: `{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"a"}]}`, want: "standard input is not the output of `terraform show -json PLAN`: KeyError('change')"},
		"other checks":     {input: `{"format_version":"1.2","planned_values":{},"checks":[{}]}`, want: "standard input is not the output of `terraform show -json PLAN`: KeyError('address')"},
		"failed run":       {input: `{"format_version":"1.2","errored":true}`, want: "standard input is incomplete because planning failed; see the output of `terraform plan`"},
		"no file":          {args: []string{"nowhere.json"}, want: "cannot read nowhere.json: No such file or directory"},
		"three files":      {args: []string{"a.json", "b.json", "c.json"}, want: "unrecognized arguments: c.json; see --help"},
		"no second file":   {input: `{"format_version":"1.2","planned_values":{}}`, args: []string{"-", "nowhere.json"}, want: "cannot read nowhere.json: No such file or directory"},
		"unknown argument": {args: []string{"--markdown"}, want: "unrecognized arguments: --markdown; see --help"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := reportOn(t, test.input, test.args...)
			if got.Code != 1 || got.Stdout != "" || got.Output != "drift_report: "+test.want+"\n" {
				t.Errorf("exit code %d, %q, want 1, %q", got.Code, got.Output, test.want)
			}
		})
	}
}

func TestReport_help(t *testing.T) {
	t.Parallel()

	got := reportOn(t, "", "--help")
	if got.Code != 0 || !strings.Contains(got.Stdout, "terraform show -json plan.tfplan") {
		t.Errorf("result is %+v", got)
	}
}

// What the plans of TestDrift do not have. Each is one change.
func TestReport_changes(t *testing.T) {
	t.Parallel()

	const (
		workspace = `"mode":"managed","type":"wallaroo_workspace","address":"wallaroo_workspace.a"`
		member    = `"mode":"managed","type":"wallaroo_workspace_user","address":"wallaroo_workspace_user.a"`
		set       = `"mode":"managed","type":"wallaroo_workspace_users_exclusive","address":"wallaroo_workspace_users_exclusive.a"`
		other     = `"mode":"managed","type":"aws_iam_user","address":"aws_iam_user.a"`
		ann       = `{"workspace_id":7,"email":"Ann@example.com","user_id":"a1","user_type":"OWNER"}`
	)

	type row struct {
		list, entry string
		want        []string
	}

	planned := func(resource, change string, want ...string) row {
		return row{"resource_changes", `{` + resource + `,"change":` + change + `}`, want}
	}
	drifted := func(resource, change string, want ...string) row {
		return row{"resource_drift", `{` + resource + `,"change":` + change + `}`, want}
	}

	for name, test := range map[string]row{
		"data source": planned(`"mode":"data","type":"wallaroo_users","address":"data.wallaroo_users.a"`, `{"actions":["read"],"before":null,"after":{}}`),
		"no change":   planned(member, `{"actions":["no-op"],"before":`+ann+`,"after":`+ann+`}`),
		"import": planned(member, `{"actions":["no-op"],"importing":{"id":"7/a1"},"before":`+ann+`,"after":`+ann+`}`,
			"import wallaroo_workspace_user.a"),
		"import by identity": planned(member, `{"actions":["no-op"],"importing":{},"before":`+ann+`,"after":`+ann+`}`,
			"import wallaroo_workspace_user.a"),
		"move": planned(member+`,"previous_address":"wallaroo_workspace_user.b"`, `{"actions":["no-op"],"before":`+ann+`,"after":`+ann+`}`,
			"move wallaroo_workspace_user.b to wallaroo_workspace_user.a in state"),
		"forget": planned(workspace, `{"actions":["forget"],"before":{"id":7,"name":"a"},"after":null}`,
			"remove wallaroo_workspace.a from state, without changing it"),
		"tainted workspace": planned(workspace, `{"actions":["delete","create"],"before":{"id":7,"name":"a"},"after":{"name":"a"},"after_unknown":{"id":true}}`,
			"remove workspace \"a\" (ID 7) from state (not deleted) (`wallaroo_workspace.a`)", "create workspace \"a\" (`wallaroo_workspace.a`)"),
		"tainted member": planned(member, `{"actions":["delete","create"],"before":`+ann+`,"after":{"workspace_id":7,"email":"ann@example.com","user_type":"OWNER"},"after_unknown":{"user_id":true}}`,
			"remove ann@example.com from workspace 7 (`wallaroo_workspace_user.a`)", "add ann@example.com to workspace 7 as OWNER (`wallaroo_workspace_user.a`)"),
		"replaced member": planned(member, `{"actions":["create","delete"],"before":`+ann+`,"after":{"workspace_id":7,"email":"bob@example.com","user_type":"COLLABORATOR"}}`,
			"remove ann@example.com from workspace 7 (`wallaroo_workspace_user.a`)", "add bob@example.com to workspace 7 as COLLABORATOR (`wallaroo_workspace_user.a`)"),
		"member by id": planned(member, `{"actions":["create"],"before":null,"after":{"workspace_id":7,"user_id":"a1","user_type":"OWNER"},"after_unknown":{"email":true}}`,
			"add user a1 to workspace 7 as OWNER (`wallaroo_workspace_user.a`)"),
		"member who is not known yet": planned(member, `{"actions":["create"],"before":null,"after":{"workspace_id":7,"user_type":"OWNER"},"after_unknown":{"email":true,"user_id":true}}`,
			"add a user who is known after apply to workspace 7 as OWNER (`wallaroo_workspace_user.a`)"),
		"another user in place": planned(member, `{"actions":["update"],"before":`+ann+`,"after":{"workspace_id":7,"email":"bob@example.com","user_id":"b1","user_type":"OWNER"}}`,
			"remove ann@example.com from workspace 7 (`wallaroo_workspace_user.a`)", "add bob@example.com to workspace 7 as OWNER (`wallaroo_workspace_user.a`)"),
		"another workspace in place": planned(member, `{"actions":["update"],"before":`+ann+`,"after":{"workspace_id":8,"email":"ann@example.com","user_id":"a1","user_type":"OWNER"}}`,
			"add ann@example.com to workspace 8 as OWNER (`wallaroo_workspace_user.a`)", "remove ann@example.com from workspace 7 (`wallaroo_workspace_user.a`)"),
		"user who is not known yet in place": planned(member, `{"actions":["update"],"before":`+ann+`,"after":{"workspace_id":7,"user_type":"OWNER"},"after_unknown":{"email":true,"user_id":true}}`,
			"add a user who is known after apply to workspace 7 as OWNER (`wallaroo_workspace_user.a`)", "remove ann@example.com from workspace 7 (`wallaroo_workspace_user.a`)"),
		"renamed account": planned(member, `{"actions":["update"],"before":`+ann+`,"after":{"workspace_id":7,"email":"annie@example.com","user_id":"a1","user_type":"OWNER"}}`,
			"change the state of members of workspace 7: email was \"Ann@example.com\", is \"annie@example.com\" (`wallaroo_workspace_user.a`)"),
		"renamed account with another role": planned(member, `{"actions":["update"],"before":`+ann+`,"after":{"workspace_id":7,"email":"annie@example.com","user_id":"a1","user_type":"COLLABORATOR"}}`,
			"make annie@example.com COLLABORATOR of workspace 7, is OWNER (`wallaroo_workspace_user.a`)"),
		"renamed account on the instance": drifted(member, `{"actions":["update"],"before":`+ann+`,"after":{"workspace_id":7,"email":"annie@example.com","user_id":"a1","user_type":"OWNER"}}`,
			"a member of workspace 7 changed: email was \"Ann@example.com\", is \"annie@example.com\" (`wallaroo_workspace_user.a`)"),
		"set of people who are not known yet": planned(set, `{"actions":["update"],"before":{"workspace_id":7,"owners":["a1"]},"after":{"workspace_id":7},"after_unknown":{"owners":true}}`,
			"make these the only members of workspace 7: a user who is known after apply (`wallaroo_workspace_users_exclusive.a`)"),
		"set of a person who is not known yet": planned(set, `{"actions":["update"],"before":{"workspace_id":7,"owners":["a1"]},"after":{"workspace_id":7,"owners":["a1",null]},"after_unknown":{"owners":[false,true]}}`,
			"make these the only members of workspace 7: user a1 (OWNER), a user who is known after apply (`wallaroo_workspace_users_exclusive.a`)"),
		"set of another workspace": planned(set, `{"actions":["delete","create"],"before":{"workspace_id":7,"owners":["a1"]},"after":{"owners":["a1"]},"after_unknown":{"workspace_id":true}}`,
			"stop managing the members of workspace 7, without removing any (`wallaroo_workspace_users_exclusive.a`)", "make these the only members of a new workspace: user a1 (OWNER) (`wallaroo_workspace_users_exclusive.a`)"),
		"set in another spelling": planned(set, `{"actions":["update"],"before":{"workspace_id":7,"owners":["Ann@example.com"]},"after":{"workspace_id":7,"owners":["ann@example.com"]}}`,
			"change the state of members of workspace 7: owners was [\"Ann@example.com\"], is [\"ann@example.com\"] (`wallaroo_workspace_users_exclusive.a`)"),
		"another provider": planned(other, `{"actions":["delete","create"],"before":{"name":"a"},"after":{"name":"b"}}`,
			"delete and create (`aws_iam_user.a`)"),
		"another provider's drift": drifted(other, `{"actions":["delete"],"before":{"name":"a"},"after":null}`,
			"aws_iam_user.a is gone"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := reportOn(t, `{"format_version":"1.2","planned_values":{},"`+test.list+`":[`+test.entry+`]}`)
			lines := regexp.MustCompile(`(?m)^- .*$`).FindAllString(got.Stdout, -1)

			want := ""
			for _, line := range test.want {
				want += "- " + line + "\n"
			}

			if text := strings.Join(append(lines, ""), "\n"); text != want {
				t.Errorf("got:\n%s\nwant:\n%s%s", text, want, got.Output)
			}

			if wantCode := min(len(test.want), 1) * 2; got.Code != wantCode {
				t.Errorf("exit code %d, want %d", got.Code, wantCode)
			}
		})
	}
}

// A check that is unknown is no check that passed.
func TestReport_unknownCheck(t *testing.T) {
	t.Parallel()

	plan := func(status string) string {
		return `{"format_version":"1.2","planned_values":{},"checks":[{"address":{"kind":"check","to_display":"check.a"},"status":"` + status + `","instances":[{"problems":[{"message":"no"}]}]}]}`
	}
	for name, test := range map[string]struct {
		refreshOnly, want string
		code              int
	}{
		"alone":         {want: "1 unknown check.\n\n## Checks\n\n- check.a is unknown until the changes are applied", code: 2},
		"passes then":   {refreshOnly: plan("pass"), want: "No drift, and nothing to do.\n"},
		"fails then":    {refreshOnly: plan("fail"), want: "1 failed check.\n\n## Checks\n\n- check.a failed: no\n", code: 2},
		"unknown again": {refreshOnly: plan("unknown"), want: "1 unknown check.", code: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			args := []string{"-"}

			if test.refreshOnly != "" {
				path := filepath.Join(t.TempDir(), "refresh.json")
				if err := os.WriteFile(path, []byte(test.refreshOnly), 0o600); err != nil {
					t.Fatal(err)
				}

				args = append(args, path)
			}

			if got := reportOn(t, plan("unknown"), args...); got.Code != test.code || !strings.HasPrefix(got.Stdout, test.want) {
				t.Errorf("result is %+v", got)
			}
		})
	}
}

func TestReport_outputs(t *testing.T) {
	t.Parallel()

	got := reportOn(t, `{"format_version":"1.2","planned_values":{},"output_changes":{"a":{"actions":["update"]},"b":{"actions":["no-op"]}}}`)
	if !strings.Contains(got.Stdout, "1 thing to do.\n\n## What an apply would do\n\n- update the output a\n") || got.Code != 2 {
		t.Errorf("result is %+v", got)
	}
}
