package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// advice holds the next steps that a construct offers, in terms of the attributes that it
// has.
type advice struct {
	// nameByID says how to name a user whose email is not enough.
	nameByID string
	// nameByEmail says how to name a user whose ID is not enough.
	nameByEmail string
	// setRole says how to go on when the instance does not change a role.
	setRole string
}

var (
	memberAdvice = advice{
		nameByID:    "Set `user_id` to the ID of the user instead of, or beside, `email`.",
		nameByEmail: "Set `email` to the address of the user, instead of or beside `user_id`.",
		setRole:     "Set the role with the Wallaroo dashboard or SDK and apply again, or set `user_type` to the role that the instance gives.",
	}
	setAdvice = advice{
		nameByID:    "List the ID of the user in place of the email.",
		nameByEmail: "List the email address of the user in place of the ID.",
		setRole:     "Set the role with the Wallaroo dashboard or SDK and apply again, or list the user with the role that the instance gives.",
	}
	importAdvice = advice{nameByID: "Import by WORKSPACE_ID/USER_ID."}
	lookupAdvice = advice{nameByID: "The authenticated account may not list the users of this instance. Give user IDs where they are needed, instead of looking users up."}
	// noAdvice is for constructs that name no users.
	noAdvice = advice{}
)

// addFailure reports a failed call: what was not done, why, and what to do next.
func addFailure(diags *diag.Diagnostics, adv advice, summary, what string, err error) {
	diags.AddError(summary, adv.failure(what, err))
}

func (a advice) failure(what string, err error) string {
	text := what + ": " + strings.TrimSuffix(err.Error(), ".") + "."
	if next := a.nextStep(err); next != "" {
		text += "\n\n" + next
	}

	return text
}

// nextStep says what to do about a failure.
func (a advice) nextStep(err error) string {
	if errors.Is(err, context.Canceled) {
		return "The command was canceled. Run the command again when ready."
	}

	if unknown, ok := errors.AsType[*inventory.UnknownOutcomeError](err); ok {
		return unknownOutcomeStep(unknown)
	}

	if step := a.membershipStep(err); step != "" {
		return step
	}

	switch {
	case wallaroo.IsUnavailable(err):
		return "The instance is busy or restarting. Run the command again later; `max_retries` (WALLAROO_MAX_RETRIES) sets how often a request is retried."
	case wallaroo.IsAuthentication(err):
		return authenticationStep(err)
	default:
		return callStep(err)
	}
}

func unknownOutcomeStep(unknown *inventory.UnknownOutcomeError) string {
	switch {
	case len(unknown.Candidates) > 0:
		return "It cannot be determined whether this apply created it, so nothing was added to state. If it is yours, import it by its ID; " +
			"otherwise choose another name."
	case unknown.Looked:
		return "The workspace was not created, and nothing was added to state. It is safe to apply again."
	default:
		return "Nothing was added to state. Before you apply again, look at the instance: if the workspace exists, import it. " +
			"The next plan reports it too, and never creates a second one."
	}
}

func authenticationStep(err error) string {
	const locked = "A locked account gets the same response as a wrong password, so do not retry often."

	switch {
	case wallaroo.IsInvalidCredentials(err):
		return "Check `username` (WALLAROO_USER) and `password` (WALLAROO_PASSWORD), and that the account is enabled and set up. " + locked
	case wallaroo.IsInvalidClient(err):
		return "Check `client_id` (WALLAROO_CLIENT_ID) and `client_secret` (WALLAROO_CLIENT_SECRET), and that the client allows this grant."
	case wallaroo.IsUnreachable(err):
		return "Check that `auth_endpoint` (WALLAROO_AUTH_URL), or `endpoint` (WALLAROO_URL) if that is not set, is right and can be reached from here. " +
			"Add a private CA with `ca_certificate`."
	default:
		return "Check that `auth_endpoint` (WALLAROO_AUTH_URL), or `endpoint` (WALLAROO_URL) if that is not set, is the address of the identity provider (Keycloak)."
	}
}

func callStep(err error) string {
	switch {
	case wallaroo.IsUnreachable(err):
		return "Check that `endpoint` (WALLAROO_URL) is right and can be reached from here, also through a proxy; add a private CA with `ca_certificate`. " +
			"If the instance is only slow, raise `request_timeout` (WALLAROO_REQUEST_TIMEOUT). Then run the command again."
	case wallaroo.IsRedirect(err):
		return "Redirects are not followed, so that no credential reaches another host. If the instance has moved, set `endpoint` (WALLAROO_URL) to its new address."
	case wallaroo.IsWebPage(err):
		return "Check that `endpoint` (WALLAROO_URL) is the address of the instance's API, and whether a proxy or VPN stands between."
	case wallaroo.IsUnexpectedResponse(err):
		return "Check that `endpoint` (WALLAROO_URL) is the address of a Wallaroo instance. If it is, please report the response at " + projectURL + "/issues."
	case wallaroo.IsUnauthorized(err):
		return "The access token was refused. Check the credentials of the provider; replace a `token` (WALLAROO_TOKEN) that has expired."
	case wallaroo.IsForbidden(err):
		return "The account has no permission to do this. Ask an owner of the workspace or an administrator of the instance."
	case wallaroo.IsNotFound(err):
		return "Check that `endpoint` (WALLAROO_URL) is the address of a Wallaroo instance, without the path of a page."
	case wallaroo.IsServerError(err):
		return "Run the command again. If the problem persists, give the request ID to the administrator of the instance."
	case wallaroo.IsAPIError(err):
		return "Correct what the instance reports, and run the command again."
	default:
		return "Run the command again. If the problem persists, please report it at " + projectURL + "/issues."
	}
}

// membershipStep says what to do about a failure that the inventory has found, or "".
func (a advice) membershipStep(err error) string {
	_, isAmbiguous := errors.AsType[*inventory.AmbiguousUserError](err)
	_, isUnidentified := errors.AsType[*inventory.UnidentifiedUserError](err)
	_, isMismatch := errors.AsType[*inventory.UserMismatchError](err)
	_, isConflict := errors.AsType[*inventory.RoleConflictError](err)

	switch {
	case errors.Is(err, inventory.ErrNoDirectory), isAmbiguous, isUnidentified:
		return a.nameByID
	case errors.Is(err, inventory.ErrEmailNeeded):
		return a.nameByEmail
	case isMismatch:
		return "Give one of `email` and `user_id`, or set both to the same user."
	case isConflict:
		return "Manage each member of a workspace with one resource, with one role."
	case errors.Is(err, errNoMember):
		return "Check the user and the workspace: only a present member can be imported. To add the user, leave the import out."
	case errors.Is(err, errNameNotUnique):
		return "Use the ID of the workspace instead of its name."
	case errors.Is(err, inventory.ErrNotAccessible):
		return "Check the ID of the workspace, and that the authenticated account has access to it."
	case errors.Is(err, inventory.ErrNoWorkspaces):
		return "Every account has a default workspace, so check the credentials and `endpoint` (WALLAROO_URL)."
	case errors.Is(err, inventory.ErrNoSuchUser):
		return "Check the spelling. The account must exist on the instance before it can become a member."
	case errors.Is(err, inventory.ErrLastOwner):
		return "Make another member OWNER first. If this apply does that, apply again."
	case errors.Is(err, inventory.ErrRoleKept), errors.Is(err, inventory.ErrRolesIgnored), errors.Is(err, inventory.ErrOwnerDemoted):
		return a.setRole
	case errors.Is(err, inventory.ErrCurrentUserUnknown):
		return "List the ID of the account that the provider authenticates with as an owner, or authenticate with `username` and `password`."
	default:
		return ""
	}
}

// sentence makes an error's text start like a sentence and end with a full stop.
func sentence(err error) string {
	return capitalize(strings.TrimSuffix(err.Error(), ".")) + "."
}

func capitalize(text string) string {
	first, size := utf8.DecodeRuneInString(text)

	return string(unicode.ToUpper(first)) + text[size:]
}

// describeWorkspace names a workspace by its name, as far as this run or the state knows
// it, and its ID.
func (b *base) describeWorkspace(id int64, seen ...lastSeen) string {
	name := ""
	if b.inventory != nil {
		name = b.inventory.KnownWorkspace(id).Name
	}

	for _, before := range seen {
		name = cmp.Or(name, before.Workspace)
	}

	if name == "" {
		return fmt.Sprintf("workspace %d", id)
	}

	return fmt.Sprintf("workspace %q (ID %d)", name, id)
}
