package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const summaryImport = "Unable to import"

var errNameNotUnique = errors.New("the name is not unique")

// workspaceRef names a workspace as an import ID does: by ID, or by name.
type workspaceRef struct {
	id   int64
	name string
}

// parseWorkspaceRef takes what looks like a number as an ID.
func parseWorkspaceRef(text string) workspaceRef {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return workspaceRef{id: id}
	}

	return workspaceRef{name: text}
}

func (w workspaceRef) String() string {
	if w.name != "" {
		return fmt.Sprintf("with the name %q", w.name)
	}

	return fmt.Sprintf("with the ID %d", w.id)
}

// parseMemberID splits WORKSPACE/USER, where the workspace is an ID or a name, and
// the user an ID or an email. Names may hold a slash; users too, behind an ID.
func parseMemberID(text string) (workspaceRef, inventory.UserRef, error) {
	first, last := strings.Index(text, "/"), strings.LastIndex(text, "/")
	if first <= 0 || last == len(text)-1 {
		return workspaceRef{}, inventory.UserRef{}, fmt.Errorf(
			"%q is not of the form WORKSPACE_ID/EMAIL, WORKSPACE_ID/USER_ID, or the same with the workspace's name in front", text)
	}

	at := last
	if parseWorkspaceRef(text[:first]).name == "" {
		at = first
	}

	return parseWorkspaceRef(text[:at]), inventory.UserRef{Name: text[at+1:]}, nil
}

// findImported looks up the workspace that an import names, and reports a miss by
// what was looked for.
func findImported(ctx context.Context, shared *inventory.Inventory, wanted workspaceRef, diags *diag.Diagnostics) (wallaroo.Workspace, bool) {
	found, err := findForImport(ctx, shared, wanted)

	switch {
	case err == nil:
		return found, true
	case errors.Is(err, inventory.ErrNotAccessible):
		diags.AddError(summaryImport, fmt.Sprintf(
			"No workspace %s is accessible to the authenticated account. Check the import ID, and that the account is a member of the workspace. "+
				"An import ID is the numeric ID of the workspace or its exact name.", wanted))
	default:
		addFailure(diags, importAdvice, summaryImport, fmt.Sprintf("Could not look up the workspace %s", wanted), err)
	}

	return wallaroo.Workspace{}, false
}

func findForImport(ctx context.Context, shared *inventory.Inventory, wanted workspaceRef) (wallaroo.Workspace, error) {
	if wanted.name == "" {
		return shared.Workspace(ctx, wanted.id)
	}

	all, err := shared.Workspaces(ctx)
	if err != nil {
		return wallaroo.Workspace{}, err
	}

	if len(all) == 0 {
		return shared.Workspace(ctx, 0) // which says what an empty list means
	}

	return onlyOne(slices.DeleteFunc(slices.Clone(all), func(w wallaroo.Workspace) bool { return w.Name != wanted.name }))
}

// onlyOne returns the workspace of a name, which must be one.
func onlyOne(same []wallaroo.Workspace) (wallaroo.Workspace, error) {
	switch len(same) {
	case 0:
		return wallaroo.Workspace{}, inventory.ErrNotAccessible
	case 1:
		return same[0], nil
	default:
		return wallaroo.Workspace{}, fmt.Errorf("%w: %d workspaces have it, with the IDs %s", errNameNotUnique, len(same), joinIDs(idsOf(same)))
	}
}

// requireImportID refuses the empty ID that a script gives whose variable is not set.
func requireImportID(req resource.ImportStateRequest, diags *diag.Diagnostics) bool {
	if req.ID != "" || req.Identity != nil && !req.Identity.Raw.IsFullyNull() {
		return true
	}

	diags.AddError(summaryImport, "The import ID is empty. Give the one that the documentation of the resource shows under Import; "+
		"if it comes from a variable, check that the variable is set.")

	return false
}
