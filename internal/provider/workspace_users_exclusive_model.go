package provider

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	attrOwners        = "owners"
	attrCollaborators = "collaborators"

	// privateUsers is where the ids of the members are kept by their spelling in the
	// state, so that an account whose e-mail changed stays the same user.
	privateUsers = "users"
)

type exclusiveModel struct {
	WorkspaceID   types.Int64 `tfsdk:"workspace_id"`
	Owners        userSet     `tfsdk:"owners"`
	Collaborators userSet     `tfsdk:"collaborators"`
}

type exclusiveIdentity struct {
	WorkspaceID types.Int64 `tfsdk:"workspace_id"`
}

func (m exclusiveModel) identity() exclusiveIdentity {
	return exclusiveIdentity{WorkspaceID: m.WorkspaceID}
}

// isKnown is true when all members are known.
func (m exclusiveModel) isKnown() bool {
	for _, set := range []userSet{m.Owners, m.Collaborators} {
		if !set.IsNull() && !set.isWhole() {
			return false
		}
	}

	return true
}

// members are the entries of both sets, owners first, each in a fixed order.
func (m exclusiveModel) members(known userIDs) []inventory.Wanted {
	var wanted []inventory.Wanted

	for _, entry := range entries(m.Owners.SetValue) {
		wanted = append(wanted, inventory.Wanted{Ref: known.ref(entry), Role: wallaroo.RoleOwner})
	}

	for _, entry := range entries(m.Collaborators.SetValue) {
		wanted = append(wanted, inventory.Wanted{Ref: known.ref(entry), Role: wallaroo.RoleCollaborator})
	}

	return wanted
}

// entries are the known elements of a set of strings, sorted.
func entries(set types.Set) []string {
	var texts []string

	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok && !text.IsUnknown() && !text.IsNull() {
			texts = append(texts, text.ValueString())
		}
	}

	slices.Sort(texts)

	return texts
}

// userIDs are user ids by the lower-case spelling that names them.
type userIDs map[string]string

// ref names the user of an entry, and his id where it is known. What holds an @ is an
// e-mail.
func (u userIDs) ref(entry string) inventory.UserRef {
	if strings.Contains(entry, "@") {
		return inventory.UserRef{Email: entry, UserID: u[strings.ToLower(entry)]}
	}

	return inventory.UserRef{UserID: entry}
}

// privateState is what the framework offers for private data.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type writablePrivateState interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// loadUsers reads the ids that were kept. What cannot be read counts as not kept.
func loadUsers(ctx context.Context, private privateState, diags *diag.Diagnostics) userIDs {
	content, found := private.GetKey(ctx, privateUsers)
	diags.Append(found...)

	known := userIDs{}
	if len(content) > 0 && json.Unmarshal(content, &known) != nil {
		return userIDs{}
	}

	return known
}

func saveUsers(ctx context.Context, private writablePrivateState, known userIDs, diags *diag.Diagnostics) {
	content, err := json.Marshal(known)
	if err != nil {
		diags.AddError("Unable to keep user ids", "This is always a bug in the provider; please report it at "+projectURL+"/issues: "+err.Error())

		return
	}

	diags.Append(private.SetKey(ctx, privateUsers, content)...)
}

func (u userIDs) keep(ref inventory.UserRef, id string) {
	if ref.Email != "" && id != "" {
		u[strings.ToLower(ref.Email)] = id
	}
}
