package provider

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	attrOwners        = "owners"
	attrCollaborators = "collaborators"
	attrIgnoredUsers  = "ignored_users"

	// privateUsers is the key of private state with the IDs of the members by their name in
	// state, so that an account whose email changed stays the same user.
	privateUsers = "users"
)

type exclusiveModel struct {
	WorkspaceID   types.Int64 `tfsdk:"workspace_id"`
	Owners        userSet     `tfsdk:"owners"`
	Collaborators userSet     `tfsdk:"collaborators"`
	IgnoredUsers  userSet     `tfsdk:"ignored_users"`
}

type exclusiveIdentity struct {
	WorkspaceID types.Int64 `tfsdk:"workspace_id"`
}

func (m exclusiveModel) identity() exclusiveIdentity {
	return exclusiveIdentity{WorkspaceID: m.WorkspaceID}
}

// sets returns the sets by attribute.
func (m exclusiveModel) sets() map[string]userSet {
	return map[string]userSet{attrOwners: m.Owners, attrCollaborators: m.Collaborators, attrIgnoredUsers: m.IgnoredUsers}
}

// isKnown reports whether all users are known.
func (m exclusiveModel) isKnown() bool {
	for _, set := range m.sets() {
		if !set.IsNull() && !set.isFullyKnown() {
			return false
		}
	}

	return true
}

// sameUsers reports whether two models list the same names.
func (m exclusiveModel) sameUsers(other exclusiveModel) bool {
	return m.Owners.Equal(other.Owners) && m.Collaborators.Equal(other.Collaborators) && m.IgnoredUsers.Equal(other.IgnoredUsers)
}

// memberSet returns the wanted members. known has the users that the names meant before.
func (m exclusiveModel) memberSet(known userIDs) inventory.MemberSet {
	set := inventory.MemberSet{Emails: map[string]string{}}

	for name, id := range known {
		set.Emails[id] = name
	}

	for _, name := range entries(m.Owners.SetValue) {
		set.Members = append(set.Members, inventory.MemberSpec{Ref: known.ref(name), Role: wallaroo.RoleOwner})
	}

	for _, name := range entries(m.Collaborators.SetValue) {
		set.Members = append(set.Members, inventory.MemberSpec{Ref: known.ref(name), Role: wallaroo.RoleCollaborator})
	}

	for _, name := range entries(m.IgnoredUsers.SetValue) {
		set.Ignored = append(set.Ignored, known.ref(name))
	}

	return set
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

// userIDs are user IDs by the lower-case name that a set has for the user.
type userIDs map[string]string

// ref names the user of an entry, and whom it meant before.
func (u userIDs) ref(name string) inventory.UserRef {
	return inventory.UserRef{Name: name, LastID: u[strings.ToLower(name)]}
}

// keep remembers whom a name means. IDs mean themselves.
func (u userIDs) keep(name, id string) {
	if id != "" && id != name {
		u[strings.ToLower(name)] = id
	}
}
