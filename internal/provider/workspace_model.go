package provider

import (
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

// read takes over what the instance knows, and leaves alone what only Terraform
// knows.
func (m *workspaceModel) read(w wallaroo.Workspace) {
	m.ID = types.Int64Value(w.ID)
	m.Name = types.StringValue(w.Name)
	m.CreatedAt = types.StringValue(w.CreatedAt)
	m.CreatedBy = types.StringValue(w.CreatedBy)
	m.Archived = types.BoolValue(w.Archived)
}

// readCreated is read for a workspace of which nothing but id and name may be
// known. The rest is null until the next refresh.
func (m *workspaceModel) readCreated(created inventory.Created) {
	m.read(created.Workspace)

	if created.Unread != nil {
		m.CreatedAt = types.StringNull()
		m.CreatedBy = types.StringNull()
		m.Archived = types.BoolNull()
	}
}

// allowUnusualName makes the configuration that Terraform writes for an imported
// workspace valid, when its name is one that could not be created.
func (m *workspaceModel) allowUnusualName() {
	if len(nameProblems(m.Name.ValueString())) > 0 {
		m.AdoptExisting = types.BoolValue(true)
	}
}

func (m workspaceModel) prevents() bool {
	return m.DeletionPolicy.ValueString() == policyPrevent
}

// adoption is what a create may do about a visible workspace of the same name. A
// name that breaks the rule is only ever taken over.
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
		CreatedAt: types.StringValue(w.CreatedAt),
		CreatedBy: types.StringValue(w.CreatedBy),
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
