package provider

import (
	"cmp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	attrID             = "id"
	attrName           = "name"
	attrAdoptExisting  = "adopt_existing"
	attrDeletionPolicy = "deletion_policy"

	policyAbandon = "ABANDON"
	policyPrevent = "PREVENT"
)

type workspaceModel struct {
	ID             types.Int64  `tfsdk:"id"`
	Name           types.String `tfsdk:"name"`
	AdoptExisting  types.Bool   `tfsdk:"adopt_existing"`
	DeletionPolicy types.String `tfsdk:"deletion_policy"`
	CreatedAt      types.String `tfsdk:"created_at"`
	CreatedBy      types.String `tfsdk:"created_by"`
	Archived       types.Bool   `tfsdk:"archived"`
}

type workspaceIdentity struct {
	ID types.Int64 `tfsdk:"id"`
}

func (m workspaceModel) identity() workspaceIdentity { return workspaceIdentity{ID: m.ID} }

// read takes what the instance knows, and leaves alone what only Terraform knows.
// What was true at the creation stays: instances write the creator in another form
// some minutes later.
func (m *workspaceModel) read(w wallaroo.Workspace) {
	m.ID = types.Int64Value(w.ID)
	if !strings.EqualFold(m.Name.ValueString(), w.Name) { // an instance may write names in lower case
		m.Name = types.StringValue(w.Name)
	}

	m.Archived = types.BoolValue(w.Archived)

	if m.CreatedAt.ValueString() == "" {
		m.CreatedAt = textOrNull(w.CreatedAt)
	}

	if m.CreatedBy.ValueString() == "" {
		m.CreatedBy = textOrNull(w.CreatedBy)
	}
}

// readCreated is read for a workspace of which nothing but ID and name may be
// known. The rest is null until the next refresh. What was planned stays.
func (m *workspaceModel) readCreated(created inventory.Created) {
	planned := *m

	m.read(created.Workspace)

	if created.ReadErr != nil {
		m.Archived = types.BoolNull()
	}

	if !planned.ID.IsUnknown() {
		m.CreatedAt, m.CreatedBy, m.Archived = planned.CreatedAt, planned.CreatedBy, planned.Archived
	}
}

// seen completes what private state keeps with what the state itself says.
func (m workspaceModel) seen(before lastSeen) lastSeen {
	before.Workspace = m.Name.ValueString()
	before.CreatedAt = m.CreatedAt.ValueString()

	return before
}

// allowUnusualName makes the configuration that Terraform writes for an imported
// workspace valid, when its name is one that could not be created.
func (m *workspaceModel) allowUnusualName() {
	if len(nameProblems(m.Name.ValueString())) > 0 {
		m.AdoptExisting = types.BoolValue(true)
	}
}

// prevents reports whether the workspace must stay managed. otherwise is the policy of
// a workspace that sets none.
func (m workspaceModel) prevents(otherwise string) bool {
	return cmp.Or(m.DeletionPolicy.ValueString(), otherwise) == policyPrevent
}

// adoption returns how a create treats an accessible workspace of the same name. A
// name that breaks the rule is only ever adopted.
func (m workspaceModel) adoption() inventory.Adoption {
	switch {
	case !m.AdoptExisting.ValueBool():
		return inventory.AdoptNever
	case len(nameProblems(m.Name.ValueString())) > 0:
		return inventory.AdoptOnly
	default:
		return inventory.AdoptOrCreate
	}
}

// listedWorkspaceModel is a workspace as the data sources show it.
type listedWorkspaceModel struct {
	ID        types.Int64  `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	CreatedAt types.String `tfsdk:"created_at"`
	CreatedBy types.String `tfsdk:"created_by"`
	Archived  types.Bool   `tfsdk:"archived"`
	Models    types.List   `tfsdk:"models"`
	Pipelines types.List   `tfsdk:"pipelines"`
}

func newListedWorkspace(w wallaroo.Workspace) listedWorkspaceModel {
	return listedWorkspaceModel{
		ID:        types.Int64Value(w.ID),
		Name:      types.StringValue(w.Name),
		CreatedAt: textOrNull(w.CreatedAt),
		CreatedBy: textOrNull(w.CreatedBy),
		Archived:  types.BoolValue(w.Archived),
		Models:    int64List(w.Models),
		Pipelines: int64List(w.Pipelines),
	}
}

func int64List(numbers []int64) types.List {
	values := make([]attr.Value, len(numbers))
	for i, number := range numbers {
		values[i] = types.Int64Value(number)
	}

	return types.ListValueMust(types.Int64Type, values)
}
