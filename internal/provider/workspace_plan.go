package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// ModifyPlan tells at plan time what the instance will not do: give a taken name
// twice, delete, or rename.
func (r *workspaceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.Equal(req.State.Raw) {
		return
	}

	var plan, state workspaceModel

	creating, destroying := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()

	if !creating {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}

	if !destroying {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}

	switch {
	case resp.Diagnostics.HasError():
	case destroying:
		r.planDestroy(ctx, state, &resp.Diagnostics)
	case creating:
		r.planCreate(ctx, plan, &resp.Diagnostics)
	case !plan.Name.Equal(state.Name):
		// The only call whose warnings are shown: Terraform plans the create half
		// of a replacement in a second one and keeps just its errors.
		r.planRename(ctx, state, plan, &resp.Diagnostics)
		r.planCreate(ctx, plan, &resp.Diagnostics)
	}
}

func (r *workspaceResource) planDestroy(ctx context.Context, state workspaceModel, diags *diag.Diagnostics) {
	if state.prevents() {
		diags.AddError("Workspace is protected from being destroyed", fmt.Sprintf(
			"The deletion_policy of workspace %q (id %d) is PREVENT in the state, so this plan stops here. Either\n\n"+
				"- apply `deletion_policy = \"ABANDON\"` first, then destroy; or\n"+
				"- let go of it without destroying, with a block that takes the place of the resource:\n\n"+
				"    removed {\n      from = wallaroo_workspace.NAME\n      lifecycle {\n        destroy = false\n      }\n    }\n\n"+
				"- for one of several by for_each or count, run `terraform state rm` with its address.",
			state.Name.ValueString(), state.ID.ValueInt64()))

		return
	}

	diags.AddWarning(summaryAbandoned, "Destroying lets go of "+describeAbandoned(state, r.describeContent(ctx, state.ID.ValueInt64())))
}

func (r *workspaceResource) planRename(ctx context.Context, state, plan workspaceModel, diags *diag.Diagnostics) {
	newName, becomes := "another name", "a new, empty workspace"
	if !plan.Name.IsUnknown() {
		newName = fmt.Sprintf("%q", plan.Name.ValueString())
	}

	if plan.AdoptExisting.IsUnknown() || plan.AdoptExisting.ValueBool() {
		becomes = "another workspace"
	}

	if plan.prevents() {
		diags.AddAttributeError(path.Root(attrName), "Workspace is protected from being replaced", fmt.Sprintf(
			"Wallaroo cannot rename a workspace: %s would be a new one beside %q (id %d), and deletion_policy is PREVENT. "+
				"Set the name back to %q, or set `deletion_policy = \"ABANDON\"` to let go of the old workspace.",
			newName, state.Name.ValueString(), state.ID.ValueInt64(), state.Name.ValueString()))

		return
	}

	diags.AddAttributeWarning(path.Root(attrName), "Another name means a new workspace", fmt.Sprintf(
		"Wallaroo cannot rename a workspace: %s will be %s. Members that Terraform manages leave the old one and join the new one. The state lets go of %s",
		newName, becomes, describeAbandoned(state, r.describeContent(ctx, state.ID.ValueInt64()))))
}

// planCreate runs in each plan of a create, and again while it is applied.
func (r *workspaceResource) planCreate(ctx context.Context, plan workspaceModel, diags *diag.Diagnostics) {
	if plan.Name.IsUnknown() {
		return
	}

	name := plan.Name.ValueString()

	var same []wallaroo.Workspace

	if r.inventory != nil {
		var err error

		if same, err = r.inventory.WorkspacesNamed(ctx, name); err != nil {
			diags.AddAttributeWarning(path.Root(attrName), "Workspace name was not checked",
				failureText(fmt.Sprintf("Could not look whether the name %q is free", name), err)+"\n\nIt is looked at again when the plan is applied.")

			return
		}
	}

	switch {
	case len(same) == 0 && plan.adoption() == inventory.AdoptOnly && r.inventory != nil:
		addNothingToAdopt(diags, name)
	case len(same) == 0:
		warnOfName(diags, name)
	case r.inventory.IsTaken(same[0].ID):
		addNameTaken(diags, &inventory.NameTakenError{Name: name, IDs: idsOf(same), ByThisRun: true})
	case plan.AdoptExisting.IsUnknown():
	case len(same) == 1 && plan.AdoptExisting.ValueBool():
		diags.AddAttributeWarning(path.Root(attrAdoptExisting), "Existing workspace is taken over", fmt.Sprintf(
			"Workspace %q exists with the id %d. This resource manages it as it is, with its members, models and pipelines.", name, same[0].ID))
	default:
		addNameTaken(diags, &inventory.NameTakenError{Name: name, IDs: idsOf(same)})
	}
}

func warnOfName(diags *diag.Diagnostics, name string) {
	if remarks := nameRemarks(name); len(remarks) > 0 && len(nameProblems(name)) == 0 {
		diags.AddAttributeWarning(path.Root(attrName), "Workspace name may not work everywhere",
			fmt.Sprintf("%q can be the name of a workspace, but:\n\n- %s", name, strings.Join(remarks, "\n- ")))
	}
}

// describeContent counts what stays in a workspace, if that can be told. The list is
// the one that the plan's refresh shares.
func (r *workspaceResource) describeContent(ctx context.Context, id int64) string {
	if r.inventory == nil {
		return ""
	}

	found, err := r.inventory.Workspace(ctx, id)
	if err != nil {
		return ""
	}

	return fmt.Sprintf(" (%d), its pipelines (%d)", len(found.Models), len(found.Pipelines))
}

func describeAbandoned(state workspaceModel, content string) string {
	if content == "" {
		content = ", its pipelines"
	}

	name, id := state.Name.ValueString(), state.ID.ValueInt64()

	return fmt.Sprintf(
		"workspace %q (id %d), but Wallaroo cannot delete it: it stays on the instance with its models%s and its last owner, and its name stays taken.\n\n"+
			"To manage it again, add the resource with `adopt_existing = true`, or import it with the id %d.",
		name, id, content, id)
}

func idsOf(workspaces []wallaroo.Workspace) []int64 {
	ids := make([]int64, len(workspaces))
	for i, w := range workspaces {
		ids[i] = w.ID
	}

	return ids
}
