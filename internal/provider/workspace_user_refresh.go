package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	summaryEmailUnread = "Email was not refreshed"
	summaryNoAccount   = "Account of a member does not exist"
)

var errNoMember = errors.New("the user is not a member of the workspace")

// Read refreshes one member. Reads of many members share their requests.
func (r *workspaceUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state workspaceUserModel

	if !beginRead(ctx, r.inventory, &state, req, resp) {
		return
	}

	id, before := state.WorkspaceID.ValueInt64(), state
	seen := loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics)
	currentEmail := async(func() (email, diag.Diagnostics) { return r.currentEmail(ctx, before, seen.ByID) })

	member, err := r.findMember(ctx, id, state.UserID.ValueString())
	if err != nil && !errors.Is(err, inventory.ErrNotAccessible) && !errors.Is(err, errNoMember) {
		r.addReadFailure(&resp.Diagnostics, state, err)

		return
	}

	now := r.seenNow(ctx, id)

	if !r.requireSameWorkspace(ctx, id, seen, now, &resp.Diagnostics) {
		return
	}

	switch {
	case errors.Is(err, inventory.ErrNotAccessible):
		if !isOtherAccount(id, seen, now, &resp.Diagnostics) {
			addGoneWarning(&resp.Diagnostics, id, r.describeWorkspace(id, seen), "its member "+state.describe()+" was")
			resp.State.RemoveResource(ctx)
		}
	case errors.Is(err, errNoMember):
		resp.State.RemoveResource(ctx)
	default:
		var found diag.Diagnostics

		r.inventory.NoteInState(id, member)

		state.UserType = types.StringValue(string(member.Role))
		state.Email, found = currentEmail()
		resp.Diagnostics.Append(found...)

		if state != before {
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}

		r.saveSeen(ctx, seen, now, resp.Private, &resp.Diagnostics)
	}
}

// addReadFailure keeps what is in state.
func (r *workspaceUserResource) addReadFailure(diags *diag.Diagnostics, state workspaceUserModel, err error) {
	id := state.WorkspaceID.ValueInt64()

	if errors.Is(err, inventory.ErrNoWorkspaces) {
		addReadFailure(diags, id, err)

		return
	}

	addFailure(diags, memberAdvice, summaryReadMember, fmt.Sprintf(
		"Could not read the members of %s; %s was kept in state", r.describeWorkspace(id), state.describe()), err)
}

func (r *workspaceUserResource) findMember(ctx context.Context, workspaceID int64, userID string) (wallaroo.Member, error) {
	members, err := r.inventory.Members(ctx, workspaceID)
	if err != nil {
		return wallaroo.Member{}, err
	}

	i := slices.IndexFunc(members, func(m wallaroo.Member) bool { return m.UserID == userID })
	if i < 0 {
		return wallaroo.Member{}, errNoMember
	}

	return members[i], nil
}

// findAccount returns the member that an import names.
func (r *workspaceUserResource) findAccount(ctx context.Context, workspaceID int64, user inventory.UserRef) (inventory.Account, wallaroo.Member, error) {
	account, err := r.inventory.ResolveUser(ctx, workspaceID, user)
	if err != nil {
		return inventory.Account{}, wallaroo.Member{}, err
	}

	member, err := r.findMember(ctx, workspaceID, account.ID)

	return account, member, err
}

// currentEmail is the email that the state has, unless the directory gives it to
// somebody else: an account that was renamed, or removed from the directory, must
// not look like another user. For a user who is configured by ID it is what the
// directory says.
func (r *workspaceUserResource) currentEmail(ctx context.Context, state workspaceUserModel, byID bool) (email, diag.Diagnostics) {
	var diags diag.Diagnostics

	user, err := r.inventory.UserByID(ctx, state.UserID.ValueString())

	switch {
	case errors.Is(err, inventory.ErrNoSuchUser):
		diags.AddWarning(summaryNoAccount, fmt.Sprintf(
			"%s is a member of %s, but the account does not exist any more. Remove the member, or give it the account's new ID.",
			describeUser(state.Email.ValueString(), state.UserID.ValueString()), r.describeWorkspace(state.WorkspaceID.ValueInt64())))
	case err != nil:
		addDirectoryWarning(&diags, err)

		return state.Email, diags
	case byID && user.Email != "":
		return newEmail(user.Email), diags
	}

	if state.Email.IsNull() {
		return newEmail(user.Email), diags
	}

	owner, err := r.inventory.UserByEmail(ctx, state.Email.ValueString())
	if err != nil || owner.ID == state.UserID.ValueString() {
		return state.Email, diags
	}

	return newEmail(user.Email), diags
}

// addDirectoryWarning reports a directory that fails. One that does not exist is
// nothing to report.
func addDirectoryWarning(diags *diag.Diagnostics, err error) {
	if !errors.Is(err, inventory.ErrNoDirectory) {
		diags.AddWarning(summaryEmailUnread, memberAdvice.failure("The users of the instance could not be listed, so emails were left as they are in state", err))
	}
}
