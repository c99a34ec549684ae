package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	summaryOtherWorkspace = "Not the workspace in state"
	summaryOtherAccount   = "Workspace not accessible to another account"

	privateLastSeen = "last_seen"
)

// lastSeen records which account saw a workspace last, and where. It is kept in private state, so that
// another instance or another account is not mistaken for a change.
type lastSeen struct {
	// Instance is the issuer of the access token, else the endpoint's host.
	Instance string `json:"instance,omitempty"`
	// Account is the user ID of the account, and AccountName its email or username.
	Account     string `json:"account,omitempty"`
	AccountName string `json:"account_name,omitempty"`
	// Workspace and CreatedAt are the name and the creation time, as far as they were known.
	Workspace string `json:"workspace,omitempty"`
	CreatedAt string `json:"created_at,omitempty"`
	// ByID is true when the configuration names a member by user ID alone.
	ByID bool `json:"by_id,omitempty"`
}

// privateReader and privateWriter are implemented by the framework's private state.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// loadPrivate reads a value that private state keeps. What cannot be read counts as
// not kept.
func loadPrivate[T any](ctx context.Context, private privateReader, key string, diags *diag.Diagnostics) T {
	var value, none T

	content, found := private.GetKey(ctx, key)
	diags.Append(found...)

	if len(content) == 0 || json.Unmarshal(content, &value) != nil {
		return none
	}

	return value
}

func savePrivate(ctx context.Context, private privateWriter, key string, value any, diags *diag.Diagnostics) {
	content, err := json.Marshal(value)
	if err != nil {
		diags.AddError("Unable to write private state", "This is always a bug in the provider; please report it at "+projectURL+"/issues: "+err.Error())

		return
	}

	diags.Append(private.SetKey(ctx, key, content)...)
}

// seenNow returns the lastSeen of this run. It sends no request for the workspace.
func (b *base) seenNow(ctx context.Context, workspaceID int64) lastSeen {
	currentUser, err := b.inventory.CurrentUser(ctx)
	if err != nil {
		return lastSeen{}
	}

	found := b.inventory.KnownWorkspace(workspaceID)

	return lastSeen{
		Instance: currentUser.Instance, Account: currentUser.UserID, AccountName: describeCurrentUser(currentUser),
		Workspace: found.Name, CreatedAt: found.CreatedAt,
	}
}

func describeCurrentUser(currentUser wallaroo.CurrentUser) string {
	for _, name := range []string{currentUser.Email, currentUser.Username} {
		if name != "" {
			return name
		}
	}

	return currentUser.UserID
}

// remember completes what is seen now with what was seen before: facts of the past do
// not change, and not every run knows them.
func (s lastSeen) remember(before lastSeen) lastSeen {
	if s.Instance == "" {
		return before
	}

	s.ByID = before.ByID
	if s.Account == "" {
		s.Account, s.AccountName = before.Account, before.AccountName
	}

	if s.Workspace == "" {
		s.Workspace, s.CreatedAt = before.Workspace, before.CreatedAt
	}

	if before.CreatedAt != "" {
		s.CreatedAt = before.CreatedAt
	}

	return s
}

// saveSeen keeps what the run has seen, if that is new.
func (b *base) saveSeen(ctx context.Context, before, now lastSeen, private privateWriter, diags *diag.Diagnostics) {
	if after := now.remember(before); after != before {
		savePrivate(ctx, private, privateLastSeen, after, diags)
	}
}

// isOther reports whether found cannot be the workspace that was seen: the same ID on
// another instance, or on one that was set up anew.
func (s lastSeen) isOther(found wallaroo.Workspace, instance string) bool {
	renamed := s.Workspace != "" && s.Workspace != found.Name
	moved := s.Instance != "" && instance != "" && s.Instance != instance

	switch {
	case s.CreatedAt == "" || found.CreatedAt == "":
		return renamed && moved
	case sameTime(s.CreatedAt, found.CreatedAt):
		return false
	default:
		return renamed || moved
	}
}

func sameTime(one, other string) bool {
	a, errA := time.Parse(time.RFC3339, one)
	b, errB := time.Parse(time.RFC3339, other)

	if errA != nil || errB != nil {
		return one == other
	}

	return a.Equal(b)
}

// requireSameWorkspace adds an error if an ID of the state means another workspace on
// this instance. It looks only if the instance is not the one of the state.
func (b *base) requireSameWorkspace(ctx context.Context, workspaceID int64, before, now lastSeen, diags *diag.Diagnostics) bool {
	found := b.inventory.KnownWorkspace(workspaceID)

	if found.ID == 0 && before.Instance != "" && now.Instance != "" && before.Instance != now.Instance {
		var err error

		if found, err = b.inventory.Workspace(ctx, workspaceID); err != nil {
			return true // what it means is decided where the workspace is read
		}
	}

	if found.ID == 0 || !before.isOther(found, now.Instance) {
		return true
	}

	addOtherWorkspace(diags, before, found, now.Instance)

	return false
}

func addOtherWorkspace(diags *diag.Diagnostics, before lastSeen, found wallaroo.Workspace, instance string) {
	where := ""
	if before.Instance != "" && before.Instance != instance {
		where = fmt.Sprintf(" State was last refreshed on %s, and this instance is %s.", before.Instance, instance)
	}

	diags.AddError(summaryOtherWorkspace, fmt.Sprintf(
		"Workspace %d is %q, created at %s. In state it is %q, created at %s.%s Nothing was changed, and state was kept.\n\n"+
			"Check `endpoint` (WALLAROO_URL) and the credentials: each instance needs a state of its own. "+
			"If this instance has replaced the other one, remove the resource with `terraform state rm` and import it again.",
		found.ID, found.Name, orUnknown(found.CreatedAt), before.Workspace, orUnknown(before.CreatedAt), where))
}

func orUnknown(text string) string {
	if text == "" {
		return "an unknown time"
	}

	return text
}

// isOtherAccount reports, and adds an error, if a workspace is absent from what another account than
// the last one has access to: that does not mean that it is gone.
func isOtherAccount(workspaceID int64, before, now lastSeen, diags *diag.Diagnostics) bool {
	if before.Account == "" || now.Account == "" || before.Account == now.Account {
		return false
	}

	name := fmt.Sprintf("Workspace %d", workspaceID)
	if before.Workspace != "" {
		name = fmt.Sprintf("Workspace %q (ID %d)", before.Workspace, workspaceID)
	}

	diags.AddError(summaryOtherAccount, fmt.Sprintf(
		"%s is not accessible to %s. State was last refreshed by %s, so the workspace may well exist, and it was kept in state.\n\n"+
			"Authenticate as %s, or have %s added to the workspace. If the workspace is no longer to be managed, remove it with `terraform state rm`.",
		name, now.AccountName, before.AccountName, before.AccountName, now.AccountName))

	return true
}
