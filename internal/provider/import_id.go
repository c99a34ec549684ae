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

var errNameOfSeveral = errors.New("the name is not unique")

// workspaceRef names a workspace as an import id does: by id, or by name.
type workspaceRef struct {
	id   int64
	name string
}

// parseWorkspaceRef takes what looks like a number as an id.
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

	return fmt.Sprintf("with the id %d", w.id)
}

// parseMemberID splits WORKSPACE/USER, where the workspace is an id or a name, and
// the user an id or an e-mail. Names may hold a slash; e-mails too, behind an id.
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

	user := inventory.UserRef{UserID: text[at+1:]}
	if strings.Contains(user.UserID, "@") {
		user = inventory.UserRef{Email: user.UserID}
	}

	return parseWorkspaceRef(text[:at]), user, nil
}

// findImported looks up the workspace that an import names, and reports a miss by
// what was looked for.
func findImported(ctx context.Context, shared *inventory.Inventory, wanted workspaceRef, diags *diag.Diagnostics) (wallaroo.Workspace, bool) {
	found, err := lookUp(ctx, shared, wanted)

	switch {
	case err == nil:
		return found, true
	case errors.Is(err, inventory.ErrNotVisible):
		diags.AddError(summaryImport, fmt.Sprintf(
			"This account sees no workspace %s. Check the import id, and that the account is a member of the workspace. An import id is the workspace's number or its exact name.", wanted))
	default:
		addFailure(diags, summaryImport, fmt.Sprintf("Could not look up the workspace %s", wanted), err)
	}

	return wallaroo.Workspace{}, false
}

func lookUp(ctx context.Context, shared *inventory.Inventory, wanted workspaceRef) (wallaroo.Workspace, error) {
	if wanted.name == "" {
		return shared.Workspace(ctx, wanted.id)
	}

	all, err := shared.Workspaces(ctx)
	same := slices.DeleteFunc(slices.Clone(all), func(w wallaroo.Workspace) bool { return w.Name != wanted.name })

	switch {
	case err != nil:
		return wallaroo.Workspace{}, err
	case len(all) == 0:
		return wallaroo.Workspace{}, inventory.ErrNothingVisible
	case len(same) == 0:
		return wallaroo.Workspace{}, inventory.ErrNotVisible
	case len(same) > 1:
		return wallaroo.Workspace{}, fmt.Errorf("%w: %d workspaces have it, with the ids %s", errNameOfSeveral, len(same), joinIDs(idsOf(same)))
	default:
		return same[0], nil
	}
}

// namesSomething is false for the empty id that a script gives whose variable is not set.
func namesSomething(req resource.ImportStateRequest, diags *diag.Diagnostics) bool {
	if req.ID != "" || req.Identity != nil && !req.Identity.Raw.IsFullyNull() {
		return true
	}

	diags.AddError(summaryImport, "The import id is empty. Give the one that the documentation of the resource shows under Import; "+
		"if it comes from a variable, see that the variable is set.")

	return false
}
