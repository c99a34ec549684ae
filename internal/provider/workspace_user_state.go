package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var errNoMember = errors.New("the user is not a member of the workspace")

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

// ensure makes the planned user a member and completes the plan with who he is.
func (r *workspaceUserResource) ensure(ctx context.Context, plan *workspaceUserModel, summary string, diags *diag.Diagnostics) bool {
	ensured, err := r.inventory.EnsureMember(ctx, plan.WorkspaceID.ValueInt64(), plan.ref(), plan.role())
	if err != nil {
		addFailure(diags, summary, fmt.Sprintf(
			"Could not make %s a member of workspace %d with the role %s", plan.describe(), plan.WorkspaceID.ValueInt64(), plan.role()), err)

		return false
	}

	if ensured.Unretired != nil {
		diags.AddWarning(summaryUnretired, failureText(fmt.Sprintf(
			"An owner of workspace %d, kept because nobody else owned it, could not be removed after all", plan.WorkspaceID.ValueInt64()), ensured.Unretired))
	}

	plan.UserID = types.StringValue(ensured.Member.UserID)

	if plan.Email.IsUnknown() {
		var found diag.Diagnostics

		plan.Email = newEmail("")
		plan.Email, found = r.currentEmail(ctx, *plan)
		diags.Append(found...)
	}

	return true
}

// currentEmail is the e-mail that the state has, unless the directory gives it to
// somebody else: an account that was renamed, or removed from the directory, must
// not look like another user.
func (r *workspaceUserResource) currentEmail(ctx context.Context, state workspaceUserModel) (email, diag.Diagnostics) {
	var diags diag.Diagnostics

	if !state.Email.IsNull() {
		owner, err := r.inventory.UserByEmail(ctx, state.Email.ValueString())
		if err != nil || owner.ID == state.UserID.ValueString() {
			warnOfDirectory(&diags, err)

			return state.Email, diags
		}
	}

	user, err := r.inventory.UserByID(ctx, state.UserID.ValueString())
	warnOfDirectory(&diags, err)

	return newEmail(user.Email), diags
}

// warnOfDirectory tells of a directory that fails. One that may not be read, or has
// no answer, is nothing to tell of.
func warnOfDirectory(diags *diag.Diagnostics, err error) {
	var several *inventory.SeveralUsersError

	if err == nil || errors.Is(err, inventory.ErrNoDirectory) || errors.Is(err, inventory.ErrNoSuchUser) || errors.As(err, &several) {
		return
	}

	diags.AddWarning(summaryEmailUnread, failureText("The user directory could not be read, so e-mails were left as they are in the state", err))
}
