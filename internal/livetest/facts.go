package livetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Fact is what an instance answers at one point that versions differ on, or that is inferred. It names no user.
type Fact struct{ Point, Answer string }

// nobody is an e-mail that no user can have.
const nobody = "nobody@wallaroo.invalid"

// Facts asks the instance, for which Member joins workspace n and leaves it again. It never signs in with a wrong
// password, which could lock an account, nor creates a taken name, which could leave a second workspace.
func (g *Ground) Facts(ctx context.Context, n int) ([]Fact, error) {
	plot, err := g.Sweep(ctx, n)
	if err != nil {
		return nil, err
	}
	if plot.ID == 0 {
		return nil, fmt.Errorf("workspace %q is not made yet", plot.Name)
	}
	facts := []Fact{
		{"account", g.account()},
		{"login server", g.loginServer()},
		{"v1/api/config, without a token", g.config(ctx)},
		{"e-mail in the access token", yes(g.Caller.Email != "")},
		{"users/query", g.usersQuery(ctx)},
		{"created_by", g.createdBy(plot)},
		{"workspaces/list with user_ids", g.filter(ctx, plot, map[string]any{"user_ids": []string{g.Member.ID}})},
		{"workspaces/list with user_id", g.filter(ctx, plot, map[string]any{"user_id": g.Member.ID})},
		{"list_users of an unknown workspace", g.unknownWorkspace(ctx)},
		{"add_user with an unknown e-mail", g.unknownEmail(ctx, plot)},
	}
	members, err := g.memberFacts(ctx, plot)
	_, swept := g.Sweep(ctx, n)
	return append(facts, members...), errors.Join(err, swept)
}

func (g *Ground) account() string {
	switch c := g.settings.Config.Credentials; {
	case c.Token != "":
		return "an access token"
	case c.Username != "":
		return "a user"
	default:
		return "a client alone"
	}
}

func (g *Ground) loginServer() string {
	if auth := g.settings.Config.AuthEndpoint; auth != "" && auth != g.settings.Config.Endpoint {
		return "an address of its own"
	}
	return "the address of the API"
}

func (g *Ground) usersQuery(ctx context.Context) string {
	users, err := g.client.Users(ctx)
	return answerOr(err, fmt.Sprintf("answers %d users", len(users)))
}

func (g *Ground) createdBy(plot Plot) string {
	if plot.CreatedBy == g.Caller.UserID {
		return "the user's id"
	}
	return "the user's e-mail" // the workspace would not be the suite's otherwise
}

// filter tells whether a list is narrowed to the workspaces of Member, who is not in this one.
func (g *Ground) filter(ctx context.Context, plot Plot, body any) string {
	var list struct {
		Workspaces []struct {
			ID int64 `json:"id"`
		} `json:"workspaces"`
	}
	status, answer, err := g.post(ctx, "workspaces/list", body)
	if err != nil || status != 200 {
		return cmp.Or(answerOr(err, ""), fmt.Sprintf("refused: %d", status))
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return "not the documented answer"
	}
	for _, workspace := range list.Workspaces {
		if workspace.ID == plot.ID {
			return "ignored"
		}
	}
	return "honoured"
}

func (g *Ground) unknownWorkspace(ctx context.Context) string {
	const unlikely = 1<<31 - 2
	members, err := g.client.ListMembers(ctx, unlikely)
	return answerOr(err, fmt.Sprintf("a list of %d", len(members)))
}

// unknownEmail undoes what the instance makes of it, should it accept the address.
func (g *Ground) unknownEmail(ctx context.Context, plot Plot) string {
	err := g.client.AddMember(ctx, wallaroo.NewMember{WorkspaceID: plot.ID, Email: nobody, Role: wallaroo.RoleCollaborator})
	if err != nil {
		return answerOr(err, "")
	}
	members, err := g.client.ListMembers(ctx, plot.ID)
	for _, member := range members {
		if _, known := plot.Others[member.UserID]; known || member.UserID == g.Caller.UserID {
			continue
		}
		_, removed := g.client.RemoveMember(ctx, plot.ID, wallaroo.UserRef{UserID: member.UserID})
		err = errors.Join(err, removed)
	}
	return answerOr(err, "accepted")
}

// memberFacts are those for which Member joins the workspace. They are found in this order.
func (g *Ground) memberFacts(ctx context.Context, plot Plot) ([]Fact, error) {
	changes, err := g.RolesChange(ctx, plot)
	if err != nil {
		return nil, err
	}
	again := "the role stays"
	withoutRole := "not tried, as roles stay"
	if changes {
		again = "the role changes"
		withoutRole, err = g.withoutRole(ctx, plot)
		err = errors.Join(err, g.add(ctx, plot, wallaroo.RoleCollaborator))
	}
	types, listed := g.userTypes(ctx, plot)
	first, removed := g.client.RemoveMember(ctx, plot.ID, wallaroo.UserRef{UserID: g.Member.ID})
	second, again2 := g.client.RemoveMember(ctx, plot.ID, wallaroo.UserRef{UserID: g.Member.ID})
	return []Fact{
		{"add_user of a member, other role", again},
		{"add_user of an owner, no role", withoutRole},
		{"user_type in list_users", types},
		{"remove_user of a member", "rows affected: "+yes(first)},
		{"remove_user of no member", answerOr(again2, "rows affected: "+yes(second))},
	}, errors.Join(err, listed, removed)
}

// RolesChange adds Member as a collaborator and then as an owner, and reports whether the second add changed the role.
// Member stays in the workspace.
func (g *Ground) RolesChange(ctx context.Context, plot Plot) (bool, error) {
	if err := errors.Join(g.add(ctx, plot, wallaroo.RoleCollaborator), g.add(ctx, plot, wallaroo.RoleOwner)); err != nil {
		return false, err
	}
	role, err := g.memberRole(ctx, plot)
	return role == wallaroo.RoleOwner, err
}

func (g *Ground) withoutRole(ctx context.Context, plot Plot) (string, error) {
	if err := g.add(ctx, plot, ""); err != nil {
		return answerOr(err, ""), nil
	}
	role, err := g.memberRole(ctx, plot)
	return "then " + strings.ToLower(string(role)), err
}

func (g *Ground) add(ctx context.Context, plot Plot, role wallaroo.Role) error {
	return g.client.AddMember(ctx, wallaroo.NewMember{WorkspaceID: plot.ID, Email: g.Member.Email, Role: role})
}

func (g *Ground) memberRole(ctx context.Context, plot Plot) (wallaroo.Role, error) {
	members, err := g.client.ListMembers(ctx, plot.ID)
	for _, member := range members {
		if member.UserID == g.Member.ID {
			return member.Role, nil
		}
	}
	return "", errors.Join(err, errors.New("the user of WALLAROO_LIVE_MEMBER was added and is not listed"))
}

// userTypes are the spellings of the roles of an owner and a collaborator, as they are sent.
func (g *Ground) userTypes(ctx context.Context, plot Plot) (string, error) {
	var list struct {
		Users []struct {
			Type json.RawMessage `json:"user_type"`
		} `json:"users"`
	}
	status, answer, err := g.post(ctx, "workspaces/list_users", map[string]any{"workspace_id": plot.ID})
	if err != nil || status != 200 {
		return fmt.Sprintf("refused: %d", status), err
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return "", err
	}
	var types []string
	for _, user := range list.Users {
		types = append(types, cmp.Or(string(user.Type), "absent"))
	}
	slices.Sort(types)
	return strings.Join(slices.Compact(types), ", "), nil
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// answerOr is what the instance answered instead of otherwise.
func answerOr(err error, otherwise string) string {
	failure, ok := errors.AsType[*wallaroo.Error](err)
	switch {
	case err == nil:
		return otherwise
	case ok && failure.Status != 0:
		return strings.TrimSpace(fmt.Sprintf("refused: %d %s", failure.Status, failure.Message))
	default:
		return "no answer"
	}
}
