package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// wantedRoles are those that examples/demo gives, and that of the creator.
var wantedRoles = map[string]map[string]string{
	"churn-forecast": {
		emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Collaborator, emulator.AdminID: emulator.Collaborator,
	},
	"fraud-scoring": {emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Collaborator},
}

// The member whom the tour removes behind Terraform's back.
const (
	removedFrom    = "fraud-scoring"
	removedAddress = `wallaroo_workspace_user.member["fraud-scoring/hansarick"]`
)

func (t *tour) install(ctx context.Context) (told, error) {
	if err := t.place.prepare(); err != nil {
		return told{}, err
	}
	if err := t.place.build(ctx, t.place.provider(), "."); err != nil {
		return told{}, err
	}
	if err := t.place.build(ctx, t.place.emulator(), "./cmd/wallaroo-emulator"); err != nil {
		return told{}, err
	}
	out, err := t.cli.run(ctx, 0, "version")
	if err != nil {
		return told{}, err
	}
	t.cli.version, _, _ = strings.Cut(out.text, "\n")
	out, err = t.cli.run(ctx, 0, "init", "-no-color")
	if err == nil && !strings.Contains(out.text, "wallaroo-community/wallaroo v"+version) {
		err = out.surprise("init should install the provider from %s", t.place.mirror())
	}
	return told{result: t.cli.version + ", and the provider from a local mirror."}, err
}

func (t *tour) startInstance(ctx context.Context) (told, error) {
	started, err := start(ctx, t.place.emulator(), t.place.requests())
	if err != nil {
		return told{}, err
	}
	t.instance = started
	t.cli.signIn = []string{
		"WALLAROO_URL=" + started.url, "WALLAROO_USER=" + emulator.HummelEmail, "WALLAROO_PASSWORD=" + emulator.SeedPassword,
	}
	if err := started.signIn(ctx); err != nil {
		return told{}, err
	}
	found, err := started.workspaces(ctx)
	return told{result: fmt.Sprintf("emulated at %s, with %d workspaces.", started.url, len(found))}, err
}

func (t *tour) plan(ctx context.Context) (told, error) {
	out, changes, err := t.cli.plan(ctx, somethingToDo)
	if err != nil {
		return told{}, err
	}
	if err := expectQuiet(out); err != nil {
		return told{}, err
	}
	return told{"2 workspaces and 4 members will be made.", list(changes)}, expectAll(out, changes, "create", 6)
}

func (t *tour) apply(ctx context.Context) (told, error) {
	out, err := t.cli.apply(ctx)
	if err != nil {
		return told{}, err
	}
	if err := expectQuiet(out); err != nil {
		return told{}, err
	}
	t.ids, err = t.outputIDs(ctx)
	if err != nil {
		return told{}, err
	}
	return told{result: "made " + describe(t.ids) + ", with their members."}, t.expectRoles(ctx, wantedRoles)
}

func (t *tour) planAgain(ctx context.Context) (told, error) {
	return told{result: "empty."}, t.cli.expectEmptyPlan(ctx)
}

func (t *tour) drift(ctx context.Context) (told, error) {
	if err := t.instance.removeMember(ctx, t.ids[removedFrom], emulator.HansarickID); err != nil {
		return told{}, err
	}
	out, changes, err := t.cli.plan(ctx, somethingToDo)
	if err != nil {
		return told{}, err
	}
	return told{"a member removed by hand is found by the next plan (exit status 2).", list(changes)}, expectOnly(out, changes, "+ "+removedAddress)
}

func (t *tour) heal(ctx context.Context) (told, error) {
	if _, err := t.cli.apply(ctx); err != nil {
		return told{}, err
	}
	if err := t.expectRoles(ctx, wantedRoles); err != nil {
		return told{}, err
	}
	return told{result: "the member is back, and the next plan is empty."}, t.cli.expectEmptyPlan(ctx)
}

// A workspace that the instance has from the start.
const (
	importedName = "clip-demo"
	importedID   = 8
	importBlock  = `
import {
  to = wallaroo_workspace.clip
  id = "clip-demo"
}

resource "wallaroo_workspace" "clip" {
  name = "clip-demo"
}
`
)

func (t *tour) importByName(ctx context.Context) (told, error) {
	if err := os.WriteFile(t.place.imported(), []byte(importBlock), 0o600); err != nil {
		return told{}, err
	}
	out, changes, err := t.cli.plan(ctx, somethingToDo)
	if err != nil {
		return told{}, err
	}
	if err := expectOnly(out, changes, "import wallaroo_workspace.clip"); err != nil {
		return told{}, err
	}
	if _, err := t.cli.apply(ctx); err != nil {
		return told{}, err
	}
	return told{importedName + " by its name; the next plan is empty.", list(changes)}, t.cli.expectEmptyPlan(ctx)
}

// A name that breaks the rule, and what the provider makes of it.
const (
	refusedName   = "équipe_fraude"
	correctedName = "equipe-fraude"
)

func (t *tour) refuse(ctx context.Context) (told, error) {
	file := t.place.refused()
	text := fmt.Sprintf("resource \"wallaroo_workspace\" \"refused\" {\n  name = %q\n}\n", refusedName)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return told{}, err
	}
	// Without address and password there can be no request.
	stranger := *t.cli
	stranger.signIn = nil
	out, err := stranger.run(ctx, 1, "validate", "-json")
	if err != nil {
		return told{}, err
	}
	var answer struct {
		Diagnostics []diagnostic `json:"diagnostics"`
	}
	if err := json.Unmarshal([]byte(out.text), &answer); err != nil {
		return told{}, out.surprise("the answer should be JSON: %v", err)
	}
	if len(answer.Diagnostics) != 1 || !strings.Contains(answer.Diagnostics[0].Detail, `"`+correctedName+`"`) {
		return told{}, out.surprise("there should be one error, which suggests %q", correctedName)
	}
	return told{"refused by validate, which needs no instance.", show(answer.Diagnostics)}, os.Remove(file)
}
