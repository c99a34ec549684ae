package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
)

func addCreateFailure(diags *diag.Diagnostics, name string, err error) {
	var taken *inventory.NameTakenError

	switch {
	case errors.As(err, &taken):
		addNameTaken(diags, taken)
	case errors.Is(err, inventory.ErrNothingToAdopt):
		addNothingToAdopt(diags, name)
	default:
		addFailure(diags, summaryCreateWorkspace, fmt.Sprintf("Could not create workspace %q", name), err)
	}
}

func addNothingToAdopt(diags *diag.Diagnostics, name string) {
	diags.AddAttributeError(path.Root(attrName), summaryNothingToAdopt, fmt.Sprintf(
		"`adopt_existing` is true, but this account sees no workspace %q to take over, and none can be created with this name.\n\n%s", name, describeBadName(name)))
}

// addNameTaken says who has the name, and every way out.
func addNameTaken(diags *diag.Diagnostics, taken *inventory.NameTakenError) {
	var detail string

	switch {
	case len(taken.IDs) == 0:
		detail = fmt.Sprintf("The name %q is in use: %s.\n\nThis account sees no workspace of this name: it is somebody else's, or this account has lost its access to it. "+
			"Choose another name, or ask an owner of the workspace or an administrator to be made a member of it; then import it.",
			taken.Name, strings.TrimSuffix(taken.Err.Error(), "."))
	case taken.ByThisRun:
		detail = fmt.Sprintf("Another resource of this run has workspace %q (id %d) already. A workspace can be managed by one resource only. "+
			"Give this one another name, or remove it.", taken.Name, taken.IDs[0])
	case len(taken.IDs) > 1:
		detail = fmt.Sprintf("This instance has %d workspaces with the name %q (ids %s), so it is not clear which is meant. Import the right one by its id:\n\n%s",
			len(taken.IDs), taken.Name, joinIDs(taken.IDs), importBlock(taken.IDs[0]))
	default:
		detail = describeTaken(taken.Name, taken.IDs[0])
	}

	diags.AddAttributeError(path.Root(attrName), summaryNameTaken, detail)
}

func describeTaken(name string, id int64) string {
	return fmt.Sprintf("Workspace %q exists already: its id is %d. Names are unique, so a second one cannot be created. Nothing was changed.\n\n"+
		"- To manage that workspace with this resource, import it: add this block (with the resource's full address) and plan again:\n\n%s\n\n"+
		"- Or set `adopt_existing = true`: the resource then takes the workspace over when it is created.\n"+
		"- If the workspace is managed under another address, and the resource was moved or renamed, add a `moved` block.\n"+
		"- If it is this very resource that is being replaced: its workspace cannot be made anew. Run `terraform untaint` with its address, or leave out -replace.\n"+
		"- If this came up while destroying: run `terraform destroy -refresh=false`, which plans no create.",
		name, id, importBlock(id))
}

func importBlock(id int64) string {
	return fmt.Sprintf("    import {\n      to = wallaroo_workspace.NAME\n      id = \"%d\"\n    }", id)
}

func joinIDs(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = fmt.Sprint(id)
	}

	return strings.Join(words, ", ")
}

// warnOfCreate tells what went wrong around a create that succeeded. These must
// stay warnings: after an error Terraform would replace the workspace, and so make
// a second one.
func warnOfCreate(diags *diag.Diagnostics, created inventory.Created) {
	name, id := created.Workspace.Name, created.Workspace.ID

	if created.Lost != nil {
		diags.AddWarning(summaryCreateReconciled, fmt.Sprintf(
			"Creating workspace %q got no usable answer: %s.\n\nThe instance was looked at, and has one new workspace of that name. It was taken as the outcome: id %d.",
			name, strings.TrimSuffix(created.Lost.Error(), "."), id))
	}

	if created.Unread != nil {
		diags.AddWarning(summaryCreateUnread, failureText(fmt.Sprintf(
			"Workspace %q exists with the id %d and is in the state, but its other attributes are not known until the next refresh", name, id), created.Unread))
	}
}

func warnGone(diags *diag.Diagnostics, id int64, what string) {
	diags.AddWarning(summaryGone, fmt.Sprintf(
		"The instance lists workspaces for this account, but not workspace %d any more, so the state forgets %s. Either the workspace is gone, or the account has lost its access.\n\n"+
			"If access was lost: have the account made a member again, then import by id. The next plan would otherwise try to create it.", id, what))
}

// addReadFailure keeps what is in the state: that something could not be read never
// means that it is gone.
func addReadFailure(diags *diag.Diagnostics, id int64, err error) {
	if errors.Is(err, inventory.ErrNothingVisible) {
		diags.AddError(summaryNothingVisible, fmt.Sprintf(
			"The instance lists no workspace for this account, not even its own, so workspace %d was kept in the state. Check the account and `endpoint`; "+
				"-refresh=false plans without looking, `terraform state rm` forgets the resource.", id))

		return
	}

	addFailure(diags, summaryReadWorkspace, fmt.Sprintf("Could not read workspace %d; the state was kept", id), err)
}

func warnNotRefreshed(diags *diag.Diagnostics) {
	diags.AddWarning(summaryNotRefreshed,
		"A setting of the provider block comes from something that is not applied yet, so what is in the state was not compared with the instance.")
}
