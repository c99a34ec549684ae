package provider

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	summaryNotRefreshed     = "Refresh skipped"
	summaryGone             = "Workspace no longer accessible"
	summaryNoWorkspaces     = "No workspaces accessible"
	summaryReadWorkspace    = "Unable to read workspace"
	summaryCreateWorkspace  = "Unable to create workspace"
	summaryNameInUse        = "Workspace name already in use"
	summaryNotChecked       = "Workspace name was not checked"
	summaryNothingToAdopt   = "No workspace to adopt"
	summaryCreateReconciled = "Workspace was created although the response was lost"
	summaryCreateUnread     = "Workspace was created but could not be read"
	summaryAbandoned        = "Workspace remains on the instance"

	// notDeleted is the reason why a destroyed workspace remains, in warnings and in
	// the documentation alike.
	notDeleted = "Wallaroo has no API to delete or rename a workspace."
)

// describeAbandoned says what becomes of a workspace that "was" or "will be" removed
// from state. content names what remains in it, if that is known.
func describeAbandoned(state workspaceModel, removed, content string) string {
	return fmt.Sprintf("Workspace %q (ID %d) %s removed from state but not deleted: %s %s, and its name stays in use. "+
		"To manage it again, set `adopt_existing = true` or import ID %d.",
		state.Name.ValueString(), state.ID.ValueInt64(), removed, notDeleted,
		cmp.Or(content, "Its models, pipelines and last owner remain"), state.ID.ValueInt64())
}

func addCreateFailure(diags *diag.Diagnostics, name string, err error) {
	inUse, isInUse := errors.AsType[*inventory.NameInUseError](err)

	switch {
	case isInUse:
		addNameInUse(diags, inUse)
	case errors.Is(err, inventory.ErrNothingToAdopt):
		addNothingToAdopt(diags, name)
	default:
		addFailure(diags, noAdvice, summaryCreateWorkspace, fmt.Sprintf("Could not create workspace %q", name), err)
	}
}

func addNothingToAdopt(diags *diag.Diagnostics, name string) {
	diags.AddAttributeError(path.Root(attrName), summaryNothingToAdopt, fmt.Sprintf(
		"`adopt_existing` is true, but no workspace %q is accessible to the authenticated account, and none can be created with this name.\n\n%s", name, describeBadName(name)))
}

func addAdoptionChanged(diags *diag.Diagnostics, plan workspaceModel, id int64) {
	diags.AddAttributeError(path.Root(attrName), summaryNothingToAdopt, fmt.Sprintf(
		"The plan adopts workspace %q (ID %d), but that is no longer the workspace of this name: ID %d is. Plan again.",
		plan.Name.ValueString(), plan.ID.ValueInt64(), id))
}

// addNameInUse says who has the name and the way out, the likeliest first.
func addNameInUse(diags *diag.Diagnostics, inUse *inventory.NameInUseError) {
	var detail string

	switch {
	case len(inUse.IDs) == 0:
		detail = fmt.Sprintf("The name %q is already in use: %s.\n\nNo workspace of this name is accessible to the authenticated account. "+
			"Choose another name, or have the account added to the workspace by one of its owners and import it.",
			inUse.Name, strings.TrimSuffix(inUse.Err.Error(), "."))
	case inUse.ByThisRun:
		detail = fmt.Sprintf("Workspace %q (ID %d) is already managed by another resource of this configuration. "+
			"Give this one another name, or remove it.", inUse.Name, inUse.IDs[0])
	case len(inUse.IDs) > 1:
		detail = fmt.Sprintf("%d workspaces have the name %q (IDs %s). Import the right one by its ID:\n\n%s",
			len(inUse.IDs), inUse.Name, joinIDs(inUse.IDs), importBlock(inUse.IDs[0]))
	default:
		detail = describeInUse(inUse.Name, inUse.IDs[0])
	}

	diags.AddAttributeError(path.Root(attrName), summaryNameInUse, detail)
}

// describeInUse is short, since one plan can say it of a hundred workspaces.
func describeInUse(name string, id int64) string {
	return fmt.Sprintf("Workspace %q (ID %d) already exists. Set `adopt_existing = true` to manage it, or import it:\n\n%s\n\n"+
		"Moved in the configuration: add a `moved` block. Being replaced: `terraform untaint`, or no -replace. Destroying: `destroy -refresh=false`.",
		name, id, importBlock(id))
}

func importBlock(id int64) string {
	return fmt.Sprintf("    import {\n      to = wallaroo_workspace.NAME\n      id = \"%d\"\n    }", id)
}

func idsOf(workspaces []wallaroo.Workspace) []int64 {
	ids := make([]int64, len(workspaces))
	for i, w := range workspaces {
		ids[i] = w.ID
	}

	return ids
}

func joinIDs(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}

	return strings.Join(words, ", ")
}

// addCreateWarnings reports what went wrong around a create that succeeded. These must
// stay warnings: after an error Terraform would replace the workspace, and so create
// a second one.
func addCreateWarnings(diags *diag.Diagnostics, created inventory.Created) {
	name, id := created.Workspace.Name, created.Workspace.ID

	if created.CreateErr != nil {
		diags.AddWarning(summaryCreateReconciled, fmt.Sprintf(
			"Creating workspace %q got no usable response: %s.\n\nThe instance has one new workspace of that name since, so this one (ID %d) was added to state. No action is needed.",
			name, strings.TrimSuffix(created.CreateErr.Error(), "."), id))
	}

	unread := fmt.Sprintf("Workspace %q (ID %d) was created and is in state, but its other attributes are not known until the next refresh", name, id)

	switch {
	case errors.Is(created.ReadErr, inventory.ErrNotAccessible):
		diags.AddWarning(summaryCreateUnread, unread+": the instance does not list it yet.")
	case created.ReadErr != nil:
		diags.AddWarning(summaryCreateUnread, noAdvice.failure(unread, created.ReadErr))
	}
}

// addGoneWarning says of which workspace what was removed from state: "its members
// were", for example.
func addGoneWarning(diags *diag.Diagnostics, id int64, workspace, what string) {
	diags.AddWarning(summaryGone, fmt.Sprintf(
		"%s is not among the workspaces that are accessible to the authenticated account, so %s removed from state. "+
			"Either the workspace is gone, or the account has lost access.\n\n"+
			"If access was lost, have the account added to the workspace again and plan again. Import ID %d only if an apply has removed it from state meanwhile.", capitalize(workspace), what, id))
}

// addReadFailure keeps what is in state: that something could not be read never means
// that it is gone.
func addReadFailure(diags *diag.Diagnostics, id int64, err error) {
	if errors.Is(err, inventory.ErrNoWorkspaces) {
		diags.AddError(summaryNoWorkspaces, fmt.Sprintf(
			"The API returned no workspaces, not even the account's own, so workspace %d was kept in state. Check the credentials and `endpoint`. "+
				"To plan without a refresh, use -refresh=false; to remove the resource from state, `terraform state rm`.", id))

		return
	}

	addFailure(diags, noAdvice, summaryReadWorkspace, fmt.Sprintf("Could not read workspace %d; state was kept", id), err)
}

func addNotRefreshedWarning(diags *diag.Diagnostics) {
	diags.AddWarning(summaryNotRefreshed,
		"The provider configuration contains values that are not known until apply, so the state was not refreshed, and changes outside of Terraform are not detected. "+
			"Apply what the provider configuration depends on first, and plan again.")
}
