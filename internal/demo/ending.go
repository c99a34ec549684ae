package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// Summaries of the provider's messages.
const (
	workspaceStays = "Workspace stays on the instance"
	memberKept     = "Workspace user was kept"
	nameTaken      = "Workspace name is taken"
	takenOver      = "Existing workspace is taken over"
)

func (t *tour) planDestroy(ctx context.Context) (told, error) {
	out, changes, err := t.cli.plan(ctx, somethingToDo, "-destroy")
	if err != nil {
		return told{}, err
	}
	if err := expectAll(out, changes, "delete", 7); err != nil {
		return told{}, err
	}
	return told{"7 resources; a warning tells what stays.", show(out.diagnostics())}, t.expectStaying(out)
}

// expectStaying is an error unless a warning tells of each workspace, by name and id, that it stays.
func (t *tour) expectStaying(out output) error {
	for name, id := range t.managed() {
		found := false
		for _, d := range about(out.diagnostics(), workspaceStays) {
			found = found || strings.Contains(d.Detail, fmt.Sprintf("%q (id %d)", name, id))
		}
		if !found {
			return out.surprise("a warning should say that workspace %q (id %d) stays", name, id)
		}
	}
	return nil
}

func (t *tour) destroy(ctx context.Context) (told, error) {
	out, err := t.cli.apply(ctx)
	if err != nil {
		return told{}, err
	}
	// A saved plan does not repeat its warnings.
	if err := t.expectStaying(out); err != nil {
		return told{}, err
	}
	kept := about(out.diagnostics(), memberKept)
	if len(kept) != 1 || !strings.Contains(kept[0].Detail, emulator.HummelEmail) {
		return told{}, out.surprise("there should be one warning %q, about %s", memberKept, emulator.HummelEmail)
	}
	left, err := t.cli.run(ctx, 0, "state", "list")
	if err == nil && strings.TrimSpace(left.text) != "" {
		err = left.surprise("the state should be empty")
	}
	if err != nil {
		return told{}, err
	}
	return told{"done; the workspaces and their last owner are still on the instance.", show(kept)}, t.expectLeft(ctx)
}

// expectLeft asks the instance whether it has the workspaces and their owner, and nobody else in them.
func (t *tour) expectLeft(ctx context.Context) error {
	found, err := t.instance.workspaces(ctx)
	if err != nil {
		return err
	}
	wanted := map[string]map[string]string{}
	for name, id := range t.managed() {
		if found[name] != id {
			return fmt.Errorf("the instance should still have workspace %s with the id %d, but has %v", name, id, found)
		}
		wanted[name] = map[string]string{emulator.HummelID: emulator.Owner}
	}
	return t.expectRoles(ctx, wanted)
}

// planTaken shows what a new start meets: the names are not free.
func (t *tour) planTaken(ctx context.Context) (told, error) {
	if err := os.Remove(t.place.imported()); err != nil {
		return told{}, err
	}
	out, err := t.cli.run(ctx, 1, "plan", "-json")
	if err != nil {
		return told{}, err
	}
	errs := about(out.diagnostics(), nameTaken)
	if len(errs) != len(t.ids) || len(out.diagnostics()) != len(errs) {
		return told{}, out.surprise("there should be %d errors %q, and nothing else", len(t.ids), nameTaken)
	}
	return told{"refused, for the names are taken.", show(errs)}, nil
}

func (t *tour) adopt(ctx context.Context) (told, error) {
	const flag = "-var=adopt_existing=true"
	out, changes, err := t.cli.plan(ctx, somethingToDo, flag)
	if err != nil {
		return told{}, err
	}
	if err := expectAll(out, changes, "create", 6); err != nil {
		return told{}, err
	}
	if len(about(out.diagnostics(), takenOver)) != len(t.ids) {
		return told{}, out.surprise("there should be %d warnings %q", len(t.ids), takenOver)
	}
	if _, err := t.cli.apply(ctx); err != nil {
		return told{}, err
	}
	if err := t.expectSameIDs(ctx); err != nil {
		return told{}, err
	}
	return told{"the same workspaces, and the next plan is empty.", show(out.diagnostics())}, t.cli.expectEmptyPlan(ctx, flag)
}

// expectSameIDs is an error unless the workspaces are those of the first apply, with their members back.
func (t *tour) expectSameIDs(ctx context.Context) error {
	ids, err := t.outputIDs(ctx)
	if err != nil {
		return err
	}
	for name, id := range t.ids {
		if ids[name] != id {
			return fmt.Errorf("workspace %s should have its old id %d, but has %d", name, id, ids[name])
		}
	}
	return t.expectRoles(ctx, wantedRoles)
}
