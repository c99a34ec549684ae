package livetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Plots is the number of workspaces that the suite has on an instance.
const Plots = 2

// Ground is the part of an instance that the suite may change: the workspaces PREFIX-1 to PREFIX-2 as far as the
// account of the suite made them, and in them the membership of one user.
type Ground struct {
	// Caller is the account that signs in.
	Caller wallaroo.Caller
	// Member is the user who may be added and removed. Only the id and the e-mail are known where Users is nil.
	Member wallaroo.User
	// Users are the users of the instance by id; nil where the account may not read them.
	Users map[string]wallaroo.User

	client   *wallaroo.Client
	settings Settings
}

// Plot is one workspace of the suite.
type Plot struct {
	// Name is PREFIX and a number.
	Name string
	// ID is 0 before the first run has made the workspace.
	ID int64
	// CreatedBy is what the instance names as the creator.
	CreatedBy string
	// Others are the members beside Caller and Member. They are left alone.
	Others map[string]wallaroo.Role
	// MemberRole is the role of Member, "" for none.
	MemberRole wallaroo.Role
}

// Open signs in and finds the member. It changes nothing.
func Open(ctx context.Context, settings Settings) (*Ground, error) {
	client, err := wallaroo.New(settings.Config)
	if err != nil {
		return nil, fmt.Errorf("%w (here endpoint is WALLAROO_URL, auth_endpoint WALLAROO_AUTH_URL, and any other is WALLAROO_ with its name)", err)
	}
	g := &Ground{client: client, settings: settings}
	if g.Caller, err = client.Caller(ctx); err != nil {
		return nil, err
	}
	if g.Caller.UserID == "" {
		return nil, errors.New("the access token does not tell whose it is, so no workspace can be known to be the suite's")
	}
	g.Users, err = client.Users(ctx)
	if err != nil && !isRefused(err) {
		return nil, err
	}
	if err := g.findMember(); err != nil {
		return nil, err
	}
	if g.Member.ID == g.Caller.UserID {
		return nil, errors.New("WALLAROO_LIVE_MEMBER is the account that signs in; name another user")
	}
	return g, nil
}

// isRefused reports an answer that keeps the users from this account.
func isRefused(err error) bool {
	failure, ok := errors.AsType[*wallaroo.Error](err)
	if !ok || failure.Authentication {
		return false
	}
	return failure.Status == http.StatusUnauthorized || failure.Status == http.StatusForbidden || failure.Status == http.StatusNotFound
}

func (g *Ground) findMember() error {
	email, id := g.settings.MemberEmail, g.settings.MemberID
	if g.Users == nil {
		if id == "" {
			return errors.New("this account may not read the users: give the id of WALLAROO_LIVE_MEMBER in WALLAROO_LIVE_MEMBER_ID too")
		}
		g.Member = wallaroo.User{ID: id, Email: email}
		return nil
	}
	var found []wallaroo.User
	for _, user := range g.Users {
		if strings.EqualFold(user.Email, email) && (id == "" || id == user.ID) {
			found = append(found, user)
		}
	}
	switch {
	case len(found) == 0 && id != "":
		return fmt.Errorf("no user of the instance has both the e-mail %q and the id %q: correct WALLAROO_LIVE_MEMBER, or unset WALLAROO_LIVE_MEMBER_ID", email, id)
	case len(found) == 0:
		return fmt.Errorf("no user of the instance has the e-mail %q: set WALLAROO_LIVE_MEMBER to that of one who is there", email)
	case len(found) > 1:
		return fmt.Errorf("%d users of the instance have the e-mail %q: name one of them in WALLAROO_LIVE_MEMBER_ID", len(found), email)
	}
	g.Member = found[0]
	return nil
}

// Inspect looks at workspace n, from 1 to Plots. It changes nothing, and fails unless the workspace is the suite's, or
// is still to be made.
func (g *Ground) Inspect(ctx context.Context, n int) (Plot, error) {
	plot := Plot{Name: fmt.Sprintf("%s-%d", g.settings.Prefix, n)}
	workspaces, err := g.client.ListWorkspaces(ctx)
	if err != nil {
		return plot, err
	}
	var found []wallaroo.Workspace
	for _, workspace := range workspaces {
		if workspace.Name == plot.Name {
			found = append(found, workspace)
		}
	}
	if len(found) == 0 {
		return plot, nil
	}
	if len(found) > 1 {
		return plot, g.foreign(plot.Name, found[0].ID, fmt.Sprintf("%d workspaces have this name", len(found)))
	}
	plot.ID, plot.CreatedBy = found[0].ID, found[0].CreatedBy
	members, err := g.client.ListMembers(ctx, plot.ID)
	if err != nil {
		return plot, err
	}
	plot.Others = map[string]wallaroo.Role{}
	for _, member := range members {
		plot.Others[member.UserID] = member.Role
	}
	if reason := g.notOurs(found[0], plot.Others); reason != "" {
		return plot, g.foreign(plot.Name, plot.ID, reason)
	}
	plot.MemberRole = plot.Others[g.Member.ID]
	maps.DeleteFunc(plot.Others, func(id string, _ wallaroo.Role) bool { return id == g.Member.ID || id == g.Caller.UserID })
	return plot, nil
}

// notOurs says why a workspace of a fixed name is not the suite's to change; "" if it is. What cannot be told counts
// as a reason.
func (g *Ground) notOurs(workspace wallaroo.Workspace, members map[string]wallaroo.Role) string {
	by := workspace.CreatedBy
	switch {
	case by == "":
		return "it does not say who made it, as happens to accounts without an e-mail"
	case by != g.Caller.UserID && !strings.EqualFold(by, g.Caller.Email):
		return "somebody else made it"
	case members[g.Caller.UserID] != wallaroo.RoleOwner:
		return "the account does not own it any more"
	case len(workspace.Models) > 0, len(workspace.Pipelines) > 0:
		return "it has models or pipelines, so somebody works in it"
	case workspace.Archived:
		return "it is archived"
	default:
		return ""
	}
}

func (g *Ground) foreign(name string, id int64, reason string) error {
	return fmt.Errorf("workspace %q (id %d) is not the suite's: %s; it was left alone. Choose another WALLAROO_LIVE_PREFIX", name, id, reason)
}

// Sweep takes Member out of workspace n, as an interrupted run may have left them there, and nobody else.
func (g *Ground) Sweep(ctx context.Context, n int) (Plot, error) {
	plot, err := g.Inspect(ctx, n)
	if err != nil || plot.MemberRole == "" {
		return plot, err
	}
	if _, err := g.client.RemoveMember(ctx, plot.ID, wallaroo.UserRef{UserID: g.Member.ID}); err != nil {
		return plot, fmt.Errorf("taking the user of WALLAROO_LIVE_MEMBER out of workspace %d: %w", plot.ID, err)
	}
	if plot, err = g.Inspect(ctx, n); err == nil && plot.MemberRole != "" {
		err = fmt.Errorf("workspace %d still has the user of WALLAROO_LIVE_MEMBER, although the removal was accepted", plot.ID)
	}
	return plot, err
}
