package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// spec is one resource block.
type spec struct {
	kind string
	// workspace is the address of the workspace, or "" for the one with the ID.
	workspace   string
	workspaceID int64
	block       values
}

// isIn reports whether both are about one workspace.
func (s spec) isIn(other spec) bool {
	return s.workspace == other.workspace && s.workspaceID == other.workspaceID
}

var workspaceAddresses = []string{"w0", "w1", "w2"}

// namesOf are the names that an address may have. No two addresses share one: two
// resources on one workspace is a mistake that the provider cannot always see.
var namesOf = map[string][]string{"w0": {"alpha", "clip-demo"}, "w1": {"beta", "delta", "onnx-tutorial"}, "w2": {"gamma", "Epsilon"}}

const neverAdopted = "onnx-tutorial"

func (w *world) configureWorkspace(t *rapid.T) {
	address := rapid.SampledFrom(workspaceAddresses).Draw(t, "address")
	if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		delete(w.config, address)
		maps.DeleteFunc(w.config, func(_ string, s spec) bool { return s.workspace == address })

		return
	}

	block := values{"name": rapid.SampledFrom(namesOf[address]).Draw(t, "name")}
	if rapid.Bool().Draw(t, "adopt") && block["name"] != neverAdopted {
		block["adopt_existing"] = true
	}

	w.config[address] = spec{kind: workspaceKind, block: block}
}

// drawWorkspace chooses a workspace that is configured, or one that only exists. Single
// members and sets never share one.
func (w *world) drawWorkspace(t *rapid.T, isFree func(spec) bool) (spec, bool) {
	var all []spec

	for _, address := range workspaceAddresses {
		if _, ok := w.config[address]; ok {
			all = append(all, spec{workspace: address})
		}
	}

	for _, id := range []int64{5, 6} {
		all = append(all, spec{workspaceID: id})
	}

	all = slices.DeleteFunc(all, func(workspace spec) bool { return !isFree(workspace) })
	if len(all) == 0 {
		return spec{}, false
	}

	return rapid.SampledFrom(all).Draw(t, "workspace"), true
}

func (w *world) holds(workspace spec, kind string) bool {
	for _, s := range w.config {
		if s.kind == kind && s.isIn(workspace) {
			return true
		}
	}

	return false
}

func (w *world) holdsNoSet(workspace spec) bool { return !w.holds(workspace, exclusiveKind) }

// configures reports whether a block makes the user a member of the workspace.
func (w *world) configures(workspace spec, user string) bool {
	for _, s := range w.config {
		if s.kind == userKind && s.isIn(workspace) && s.block["#user"] == user {
			return true
		}
	}

	return false
}

func (w *world) configureMember(t *rapid.T) {
	address := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "address"))
	delete(w.config, address)

	member, ok := w.drawWorkspace(t, w.holdsNoSet)
	if !ok || rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		return
	}

	user := rapid.SampledFrom(w.users).Draw(t, "user")
	if w.configures(member, user) {
		return
	}

	member.kind, member.block = userKind, values{}
	w.setUser(t, member, user)

	if role := rapid.SampledFrom([]string{"", "OWNER", "COLLABORATOR"}).Draw(t, "role"); role != "" {
		member.block["user_type"] = role
	}

	w.config[address] = member
}

// setUser names the user of a block in one of the ways.
func (w *world) setUser(t *rapid.T, member spec, user string) {
	member.block["#user"] = user
	delete(member.block, "email")
	delete(member.block, "user_id")

	name := w.nameOf(t, user)
	isEmail := strings.Contains(name, "@")

	if isEmail {
		member.block["email"] = name
	}

	if !isEmail || rapid.IntRange(0, 3).Draw(t, "both") == 0 {
		member.block["user_id"] = user
	}
}

// changeMember changes one thing of a member, which happens in place.
func (w *world) changeMember(t *rapid.T) {
	address := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "address"))

	before, ok := w.config[address]
	if !ok {
		return
	}

	after := before
	after.block = maps.Clone(before.block)
	user, _ := before.block["#user"].(string)

	delete(w.config, address)

	switch rapid.SampledFrom([]string{"name", "user", "workspace", "role"}).Draw(t, "change") {
	case "name":
		w.setUser(t, after, user)
	case "user":
		user = rapid.SampledFrom(w.users).Draw(t, "user")
		w.setUser(t, after, user)
	case "workspace":
		if workspace, ok := w.drawWorkspace(t, w.holdsNoSet); ok {
			after.workspace, after.workspaceID = workspace.workspace, workspace.workspaceID
		}
	case "role":
		after.block["user_type"] = map[any]string{"OWNER": "COLLABORATOR"}[before.block["user_type"]]
		if after.block["user_type"] == "" {
			after.block["user_type"] = "OWNER"
		}
	}

	if w.configures(after, user) {
		after = before
	}

	w.config[address] = after
}

func (w *world) configureSet(t *rapid.T) {
	address := fmt.Sprintf("s%d", rapid.IntRange(0, 1).Draw(t, "address"))
	delete(w.config, address)

	set, ok := w.drawWorkspace(t, func(workspace spec) bool { return w.holdsNoSet(workspace) && !w.holds(workspace, userKind) })
	if !ok || rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
		return
	}

	candidates := rapid.Permutation(append(slices.Clone(w.users), emulator.HummelID)).Draw(t, "users")
	owners := rapid.IntRange(1, 2).Draw(t, "owners")
	collaborators := rapid.IntRange(0, 3).Draw(t, "collaborators")

	var names []string
	for _, id := range candidates[:owners+collaborators] {
		names = append(names, w.nameOf(t, id))
	}

	set.kind, set.block = exclusiveKind, values{"owners": names[:owners]}
	if collaborators > 0 {
		set.block["collaborators"] = names[owners:]
	}

	w.config[address] = set
}

// nameOf names a user by ID, or by the present email in some letter case.
func (w *world) nameOf(t *rapid.T, id string) string {
	for _, user := range w.instance.Users() {
		if user.ID != id || user.Email == "" {
			continue
		}

		switch rapid.IntRange(0, 2).Draw(t, "spelling") {
		case 0:
			return user.Email
		case 1:
			return strings.ToUpper(user.Email[:1]) + user.Email[1:]
		}
	}

	return id
}

// renameAddress is a changed for_each key: the same block under another address.
func (w *world) renameAddress(t *rapid.T) {
	from, to := fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "from")), fmt.Sprintf("m%d", rapid.IntRange(0, 5).Draw(t, "to"))
	if block, ok := w.config[from]; ok {
		delete(w.config, from)
		w.config[to] = block
	}
}
