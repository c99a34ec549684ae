package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// outputIDs are the workspaces' ids by name, as the configuration's output has them.
func (t *tour) outputIDs(ctx context.Context) (map[string]int64, error) {
	out, err := t.cli.run(ctx, 0, "output", "-json", "workspace_ids")
	if err != nil {
		return nil, err
	}
	ids := map[string]int64{}
	if err := json.Unmarshal([]byte(out.text), &ids); err != nil {
		return nil, out.surprise("the output should be numbers by name: %v", err)
	}
	return ids, nil
}

// managed are the workspaces' ids by name, with the imported one.
func (t *tour) managed() map[string]int64 {
	all := maps.Clone(t.ids)
	all[importedName] = importedID
	return all
}

// expectRoles asks the instance itself for the members of workspaces.
func (t *tour) expectRoles(ctx context.Context, wanted map[string]map[string]string) error {
	ids := t.managed()
	for name, want := range wanted {
		got, err := t.instance.roles(ctx, ids[name])
		if err == nil && !maps.Equal(got, want) {
			err = fmt.Errorf("the members of workspace %s (id %d) should be %v, but are %v", name, ids[name], want, got)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// expectQuiet is an error if there are warnings.
func expectQuiet(out output) error {
	if len(out.diagnostics()) > 0 {
		return out.surprise("there should be no warning")
	}
	return nil
}

// expectAll is an error unless the plan does this one thing so often, and nothing else.
func expectAll(out output, changes []change, action string, count int) error {
	for _, c := range changes {
		if !slices.Equal(c.Change.Actions, []string{action}) {
			return out.surprise("the plan should only %s, but has: %s", action, c)
		}
	}
	if len(changes) != count {
		return out.surprise("the plan should %s %d resources, not %d", action, count, len(changes))
	}
	return nil
}

// expectOnly is an error unless the plan is this one change.
func expectOnly(out output, changes []change, want string) error {
	if got := list(changes); !slices.Equal(got, []string{want}) {
		return out.surprise("the plan should be only %q, but is:\n%s", want, strings.Join(got, "\n"))
	}
	return nil
}

// describe names workspaces with their ids.
func describe(ids map[string]int64) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(ids)) {
		words = append(words, fmt.Sprintf("%s (id %d)", name, ids[name]))
	}
	return strings.Join(words, " and ")
}
