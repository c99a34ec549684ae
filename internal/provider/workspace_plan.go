package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// ModifyPlan reports at plan time what the instance will not do: use a name twice,
// delete, or rename. A workspace that will be adopted is planned with what is known
// of it, so that whatever depends on it is planned on the truth.
func (r *workspaceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.Equal(req.State.Raw) {
		return
	}

	var (
		plan, state workspaceModel
		found       diag.Diagnostics
	)

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
		r.planDestroy(ctx, state, &found)
	case creating:
		if adopted, ok := r.planCreate(ctx, plan, &found); ok {
			resp.Diagnostics.Append(resp.Plan.Set(ctx, adopted)...)
		}
	case !plan.Name.Equal(state.Name):
		// The only call whose warnings are shown: Terraform plans the create half
		// of a replacement in a second one and keeps just its errors.
		r.planRename(ctx, state, plan, &found)
		r.planCreate(ctx, plan, &found)
	}

	if r.isApplying() {
		found = found.Errors()
	}

	resp.Diagnostics.Append(found...)
}

func (r *workspaceResource) planDestroy(ctx context.Context, state workspaceModel, diags *diag.Diagnostics) {
	if !state.prevents(r.deletionPolicy) {
		diags.AddWarning(summaryAbandoned, describeAbandoned(state, "will be", r.describeContent(ctx, state.ID.ValueInt64())))

		return
	}

	policy := "`deletion_policy` of the provider"
	if !state.DeletionPolicy.IsNull() {
		policy = "`deletion_policy` in state"
	}

	diags.AddError("Workspace is protected from being destroyed", fmt.Sprintf(
		"Workspace %q (ID %d) cannot be destroyed: %s is PREVENT. Either\n\n"+
			"- apply `deletion_policy = \"ABANDON\"` to it first, then destroy;\n"+
			"- remove it from state with a block in place of the resource:\n\n"+
			"    removed {\n      from = wallaroo_workspace.NAME\n      lifecycle {\n        destroy = false\n      }\n    }\n\n"+
			"- or, for one instance of for_each or count, run `terraform state rm` with its address.",
		state.Name.ValueString(), state.ID.ValueInt64(), policy))
}

func (r *workspaceResource) planRename(ctx context.Context, state, plan workspaceModel, diags *diag.Diagnostics) {
	if plan.prevents(r.deletionPolicy) {
		diags.AddAttributeError(path.Root(attrName), "Workspace is protected from being replaced", fmt.Sprintf(
			"Changing `name` of workspace %q (ID %d) forces replacement, because Wallaroo cannot rename a workspace, and `deletion_policy` is PREVENT. "+
				"Set `name` back to %q, or set `deletion_policy = \"ABANDON\"` to remove the old workspace from state.",
			state.Name.ValueString(), state.ID.ValueInt64(), state.Name.ValueString()))

		return
	}

	becomes := fmt.Sprintf("%q will be another workspace.", plan.Name.ValueString())
	if plan.Name.IsUnknown() {
		becomes = "a new name is another workspace. The name is known after apply: if it is the same, the workspace is kept with its members. If not:"
	}

	diags.AddAttributeWarning(path.Root(attrName), "Changing the name forces replacement", fmt.Sprintf(
		"Wallaroo cannot rename a workspace, so %s Members that Terraform manages are added to it and removed from the old one. %s",
		becomes, describeAbandoned(state, "will be", r.describeContent(ctx, state.ID.ValueInt64()))))
}

// planCreate runs in each plan of a create, and again while it is applied. It returns
// the plan of a workspace that will be adopted.
func (r *workspaceResource) planCreate(ctx context.Context, plan workspaceModel, diags *diag.Diagnostics) (workspaceModel, bool) {
	if plan.Name.IsUnknown() {
		return plan, false
	}

	name := plan.Name.ValueString()

	var same []wallaroo.Workspace

	if r.inventory != nil {
		var err error

		if same, err = r.inventory.WorkspacesNamed(ctx, name); err != nil {
			r.addNotChecked(diags, plan, err)

			return plan, false
		}
	}

	switch {
	case len(same) == 0 && plan.adoption() == inventory.AdoptOnly && r.inventory != nil:
		addNothingToAdopt(diags, name)
	case len(same) == 0:
		addNameWarning(diags, name)
	case r.inventory.IsManaged(same[0].ID):
		addNameInUse(diags, &inventory.NameInUseError{Name: name, IDs: idsOf(same), ByThisRun: true})
	case r.inventory.IsAbandoned(name, same[0].ID):
		// This apply has removed it from state to replace it, so that it is the same one.
		plan.setAdopted(same[0])

		return plan, true
	case plan.AdoptExisting.IsUnknown():
	case len(same) == 1 && plan.AdoptExisting.ValueBool():
		diags.AddAttributeWarning(path.Root(attrAdoptExisting), "Existing workspace will be adopted", fmt.Sprintf(
			"Workspace %q already exists (ID %d). This resource will manage it as it is, with its members, models and pipelines.", name, same[0].ID))
		plan.setAdopted(same[0])

		return plan, true
	default:
		addNameInUse(diags, &inventory.NameInUseError{Name: name, IDs: idsOf(same)})
	}

	return plan, false
}

// addNotChecked reports a list that failed. A workspace that may have been planned to be
// adopted cannot be planned as a new one while that is applied.
func (r *workspaceResource) addNotChecked(diags *diag.Diagnostics, plan workspaceModel, err error) {
	text := noAdvice.failure(fmt.Sprintf("Could not check whether the name %q is in use", plan.Name.ValueString()), err)

	if r.isApplying() && plan.AdoptExisting.ValueBool() {
		diags.AddAttributeError(path.Root(attrName), summaryNotChecked, text)

		return
	}

	diags.AddAttributeWarning(path.Root(attrName), summaryNotChecked, text+"\n\nIt is checked again when the plan is applied.")
}

// setAdopted sets the computed attributes of a workspace that will be adopted.
func (m *workspaceModel) setAdopted(w wallaroo.Workspace) {
	m.ID = types.Int64Value(w.ID)
	m.CreatedAt = textOrNull(w.CreatedAt)
	m.CreatedBy = textOrNull(w.CreatedBy)
	m.Archived = types.BoolValue(w.Archived)
}

func addNameWarning(diags *diag.Diagnostics, name string) {
	if remarks := nameRemarks(name); len(remarks) > 0 && len(nameProblems(name)) == 0 {
		diags.AddAttributeWarning(path.Root(attrName), "Workspace name may not work everywhere",
			fmt.Sprintf("%q can be the name of a workspace, but:\n\n- %s\n\nA name in lower case that begins with a letter works everywhere.", name, strings.Join(remarks, "\n- ")))
	}
}

// describeContent counts what remains in a workspace, as far as it is known. The list
// is the one that the plan's refresh shares.
func (r *workspaceResource) describeContent(ctx context.Context, id int64) string {
	if r.inventory == nil {
		return ""
	}

	found, err := r.inventory.Workspace(ctx, id)
	if err != nil {
		return ""
	}

	return fmt.Sprintf("Its models (%d), pipelines (%d) and last owner remain", len(found.Models), len(found.Pipelines))
}
