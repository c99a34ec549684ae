package provider_test

import (
	"slices"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// userIDs are those of the four people.
type userIDs struct{ ann, ben, cat, dan string }

var uuids = userIDs{annID, benID, catID, danID}

// seed is people with those IDs.
func (w userIDs) seed() emulator.Seed {
	seed := people()
	for i, id := range []string{w.ann, w.ben, w.cat, w.dan} {
		seed.Users[i].ID = id
	}

	for _, workspace := range seed.Workspaces {
		delete(workspace.Members, annID)
		workspace.Members[w.ann] = own
	}

	return seed
}

// variant is one kind of instance, and the constructs for which it matters.
type variant struct {
	name       string
	api        emulator.API
	opaque     bool
	ids        userIDs
	constructs string
}

const (
	onMembers    = "member by email, member by ID, member by both, set by email, set by ID"
	onUsers      = onMembers + ", data sources"
	onWorkspaces = "workspace, member by email, data sources"
	onAll        = onMembers + ", " + onWorkspaces
)

// apiChange makes another instance of one.
type apiChange struct {
	name       string
	constructs string
	alsoOthers bool // matters without a directory and with an opaque token, too
	change     func(*emulator.API)
}

func changes() []apiChange {
	return []apiChange{
		{"as it is", onAll, true, func(*emulator.API) {}},
		{"HTTP/1.0", onAll, false, func(a *emulator.API) { a.HTTP10 = true }},
		{"user_type ignored", onMembers, true, func(a *emulator.API) { a.UserType = emulator.UserTypeIgnored }},
		{"user_type refused", onMembers, false, func(a *emulator.API) { a.UserType = emulator.UserTypeRefused }},
		{"user_type upper", onMembers, false, func(a *emulator.API) { a.UserType = emulator.UserTypeUpper }},
		{"user_type lower", onMembers, false, func(a *emulator.API) { a.UserType = emulator.UserTypeLower }},
		{"sticky", onMembers, true, func(a *emulator.API) { a.UserType, a.Roles = "", emulator.RolesSticky }},
		{"present 400", onMembers, false, func(a *emulator.API) { a.PresentMemberStatus = 400 }},
		{"present 409", onMembers, true, func(a *emulator.API) { a.PresentMemberStatus = 409 }},
		{"add by ID", onMembers, false, func(a *emulator.API) { a.AddBy = emulator.ByID }},
		{"remove by email", onMembers, true, func(a *emulator.API) { a.RemoveBy = emulator.ByEmail }},
		{"remove by email, no affected_rows", onMembers, false, func(a *emulator.API) { a.RemoveBy, a.NoAffectedRows = emulator.ByEmail, true }},
		{"remove by ID", onMembers, false, func(a *emulator.API) { a.RemoveBy = emulator.ByID }},
		{"no affected_rows", onMembers, false, func(a *emulator.API) { a.NoAffectedRows = true }},
		{"null user_type", onMembers, false, func(a *emulator.API) { a.NullUserType = true }},
		{"member emails", onUsers, true, func(a *emulator.API) { a.MemberEmails = true }},
		{"owners only", onMembers, false, func(a *emulator.API) { a.OwnersOnly = true }},
		{"IDs as texts", onWorkspaces, false, func(a *emulator.API) { a.IDs = emulator.IDText }},
		{"IDs as floats", onWorkspaces, false, func(a *emulator.API) { a.IDs = emulator.IDFloat }},
		{"no optional fields", onWorkspaces, false, func(a *emulator.API) { a.NoOptionalFields = true }},
		{"created_at a number", onWorkspaces, false, func(a *emulator.API) { a.NumericCreatedAt = true }},
		{"created_by a number", onWorkspaces, false, func(a *emulator.API) { a.NumericCreatedBy = true }},
		{"created_by late", onWorkspaces, false, func(a *emulator.API) { a.CreatedBy, a.CreatedByEmailAfter = emulator.CreatedByID, 1 }},
		{"archived a number", onWorkspaces, false, func(a *emulator.API) { a.NumericArchived = true }},
		{"models as texts", onWorkspaces, false, func(a *emulator.API) { a.TextModels = true }},
		{"list by user_id", onWorkspaces, false, func(a *emulator.API) { a.ListFilter = emulator.ListFilterUserID }},
		{"conflict", onWorkspaces, false, func(a *emulator.API) { a.DuplicateNameStatus = 409 }},
	}
}

// apiVariants are what the emulator can be, each change alone and on the guide.
func apiVariants() []variant {
	var all []variant

	add := func(name string, api emulator.API, constructs string) {
		all = append(all, variant{name, api, api.GuideOnly || strings.HasPrefix(name, "opaque"), uuids, constructs})
	}

	for _, answer := range []string{"403", "500", emulator.UsersQueryEmpty, emulator.UsersQueryHTML, emulator.UsersQueryClosed} {
		add("users "+answer, emulator.API{UsersQuery: answer}, onUsers)
	}

	for _, answer := range []string{"400", "401", "404", "405", "501"} {
		add("users "+answer, emulator.API{UsersQuery: answer}, "member by email, set by email, data sources")
	}

	for _, one := range changes() {
		for base, api := range map[string]emulator.API{"": {}, "guide, ": emulator.GuideAPI(), "no directory, ": {UsersQuery: "403"}, "opaque, ": {}} {
			if one.change(&api); one.alsoOthers || base == "" || base == "guide, " {
				add(base+one.name, api, one.constructs)
			}
		}
	}

	for name, ids := range map[string]userIDs{
		"words": {"ann", "ben", "cat", "dan"}, "numbers": {"1", "2", "8", "4"},
		"emails":    {"ann@corp.example.com", "ben@corp.example.com", "cat@corp.example.com", "dan@corp.example.com"},
		"federated": {"f:0000-1:ann@corp", "f:0000-1:ben@corp", "f:0000-1:cat@corp", "f:0000-1:dan@corp"},
	} {
		all = append(all,
			variant{"IDs are " + name, emulator.API{}, false, ids, onUsers},
			variant{"no directory, IDs are " + name, emulator.API{UsersQuery: "403"}, false, ids, onUsers},
			variant{"guide, IDs are " + name, emulator.GuideAPI(), true, ids, onUsers})
	}

	return all
}

// fails reports whether an operation cannot work on an instance, and why.
func (v variant) fails(construct, operation string) bool {
	var (
		noDirectory = v.api.GuideOnly || v.api.UsersQuery != ""
		noRoles     = v.api.UserType == emulator.UserTypeIgnored || v.api.UserType == emulator.UserTypeRefused ||
			v.api.Roles == emulator.RolesSticky || v.api.PresentMemberStatus != 0
		byID = strings.HasSuffix(construct, "by ID")
		adds = slices.Contains([]string{"create", "add", "other user", "other workspace", "removed by hand"}, operation)
	)

	switch {
	case operation == "hidden name":
		return true // its name is in use
	case construct == "data sources" && operation == "current user":
		return v.opaque // the token does not say
	case construct == "data sources" && operation == "own user by email":
		return v.opaque && noDirectory
	case construct == "data sources":
		return noDirectory && strings.HasPrefix(operation, "user")
	case operation == "owner" && noRoles:
		return true
	case v.api.AddBy == emulator.ByID && v.api.GuideOnly && !byID && (operation == "present" || operation == "imported" && construct == "set by email"):
		return !strings.HasSuffix(construct, "both") // an add would tell who has the email
	case (adds || operation == "owner") && v.api.AddBy == emulator.ByID && (!noDirectory || !byID):
		return true // an add names the email
	case (adds || operation == "owner") && v.api.AddBy == emulator.ByEmail && noDirectory && byID:
		return true // which nothing says
	case adds && construct == "set by ID" && noDirectory && strings.Contains(v.ids.ben, "@"):
		return true // nothing says that it is an ID
	case v.api.RemoveBy == emulator.ByEmail && noDirectory && !v.api.MemberEmails:
		removes := operation == "remove" || operation == "other user" || operation == "destroy" && construct == "member by ID"

		return operation == "added by hand" || byID && removes
	default:
		return false
	}
}
