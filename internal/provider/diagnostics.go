package provider

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// addFailure reports a failed call: what was not done, why, and what to do next.
func addFailure(diags *diag.Diagnostics, summary, what string, err error) {
	diags.AddError(summary, failureText(what, err))
}

func failureText(what string, err error) string {
	text := what + ": " + strings.TrimSuffix(err.Error(), ".") + "."
	if next := nextStep(err); next != "" {
		text += "\n\n" + next
	}

	return text
}

// nextStep says what to do about a failure.
func nextStep(err error) string {
	var (
		failed *wallaroo.Error
		lost   *inventory.LostCreateError
	)

	switch {
	case errors.Is(err, context.Canceled):
		return "The run was cancelled. Run it again when ready."
	case errors.As(err, &lost):
		return lostCreateStep(lost)
	case errors.As(err, &failed) && failed.Authentication:
		return signInStep(failed)
	case errors.As(err, &failed):
		return callStep(failed)
	default:
		return membershipStep(err)
	}
}

func lostCreateStep(lost *inventory.LostCreateError) string {
	switch {
	case len(lost.Candidates) > 0:
		return "It cannot be told whether this run made it, so nothing was put into the state. If it is yours, import it by its id; " +
			"otherwise choose another name."
	case lost.Looked:
		return "The workspace was not created, and nothing was put into the state. It is safe to apply again."
	default:
		return "Nothing was put into the state. Before you apply again, look at the instance: if the workspace exists, import it; " +
			"the next plan says so too, and never makes a second one."
	}
}

func signInStep(failed *wallaroo.Error) string {
	const locked = "A locked account is answered in the same way as a wrong password, so do not try again and again."

	switch {
	case failed.Code == "invalid_grant":
		return "Check `username` (WALLAROO_USER) and `password` (WALLAROO_PASSWORD), and that the account is enabled and set up. " + locked
	case failed.Code == "unauthorized_client" || failed.Code == "invalid_client":
		return "Check `client_id` (WALLAROO_CLIENT_ID) and `client_secret` (WALLAROO_CLIENT_SECRET), and that the client allows this way of signing in."
	case isBusy(failed.Status):
		return statusStep(failed.Status)
	case failed.Kind == wallaroo.KindTransport:
		return "Check that `auth_endpoint` (WALLAROO_AUTH_URL), or `endpoint` (WALLAROO_URL) if that is not set, is right and can be reached from here. " +
			"A private authority goes into `ca_certificate`."
	default:
		return "Check that `auth_endpoint` (WALLAROO_AUTH_URL), or `endpoint` (WALLAROO_URL) if that is not set, is the address of the instance's login server."
	}
}

func callStep(failed *wallaroo.Error) string {
	if isBusy(failed.Status) {
		return statusStep(failed.Status)
	}

	switch failed.Kind {
	case wallaroo.KindTransport:
		return "Check that `endpoint` (WALLAROO_URL) is right and can be reached from here, a proxy included; a private authority goes into `ca_certificate`. " +
			"If the instance is only slow, raise `request_timeout` (WALLAROO_REQUEST_TIMEOUT). Then run the command again."
	case wallaroo.KindRedirect:
		return "Redirects are not followed, so that no credential reaches another host. If the instance has moved, set `endpoint` (WALLAROO_URL) to its new address."
	case wallaroo.KindHTML:
		return "Check that `endpoint` (WALLAROO_URL) is the address of the instance's API, and whether a proxy or VPN stands between."
	case wallaroo.KindMalformed, wallaroo.KindTooLarge:
		return "Check that `endpoint` (WALLAROO_URL) is the address of a Wallaroo instance. If it is, please report the answer at " + projectURL + "/issues."
	case wallaroo.KindAnswer:
		return statusStep(failed.Status)
	}

	return ""
}

func statusStep(status int) string {
	switch {
	case status == 401:
		return "The access token was refused. Check the credentials of the provider; a `token` (WALLAROO_TOKEN) must be replaced when it has expired."
	case status == 403:
		return "The account has no right to do this. Ask an owner of the workspace or an administrator of the instance."
	case status == 404:
		return "Check that `endpoint` (WALLAROO_URL) is the address of a Wallaroo instance, without the path of a page."
	case isBusy(status):
		return "The instance is busy or restarting. Run the command again later; `max_retries` (WALLAROO_MAX_RETRIES) makes the provider more patient."
	case status >= 500:
		return "Run the command again. If it stays, give the request id to the instance's administrator."
	default:
		return "Correct what the instance complains about, and run the command again."
	}
}

// isBusy tells a status that passes, whoever answers it: the instance, or a proxy
// in front of it with a page of its own.
func isBusy(status int) bool {
	return status == 429 || status == 502 || status == 503 || status == 504
}

func membershipStep(err error) string {
	var (
		several  *inventory.SeveralUsersError
		mismatch *inventory.UserMismatchError
	)

	switch {
	case errors.Is(err, errNoMember):
		return "Check the user and the workspace: only a present member can be imported. To make the user a member, leave the import out."
	case errors.Is(err, errNameOfSeveral):
		return "Give the id of the one that is meant instead of the name."
	case errors.Is(err, inventory.ErrNotVisible):
		return "Check the workspace's id, and that this account may see the workspace."
	case errors.Is(err, inventory.ErrNothingVisible):
		return "Every account has a default workspace, so the account or the instance is not what it should be. Check the provider's credentials."
	case errors.Is(err, inventory.ErrNoSuchUser):
		return "Check the spelling. The account must exist on the instance before it can become a member."
	case errors.Is(err, inventory.ErrNoDirectory), errors.Is(err, inventory.ErrUserUnclear):
		return "Set `user_id` to the user's id (an administrator of the instance can look it up) instead of, or beside, `email`."
	case errors.Is(err, inventory.ErrLastOwner):
		return "Make another member OWNER first. If this same run does that, apply again."
	case errors.Is(err, inventory.ErrRoleKept):
		return "This instance does not change the role of a present member. Remove the member, then add it with the new role: `terraform apply -replace` with the resource's address does both."
	case errors.As(err, &several):
		return "Set `user_id` to the one that is meant."
	case errors.As(err, &mismatch):
		return "Give one of `email` and `user_id`, or make both name the same user."
	default:
		return "Run the command again. If it stays, please report it at " + projectURL + "/issues."
	}
}

// sentence makes an error's text start like a sentence and end with a full stop.
func sentence(err error) string {
	text := strings.TrimSuffix(err.Error(), ".")
	first, size := utf8.DecodeRuneInString(text)

	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// addAttributeFailure is addFailure where one attribute is to blame.
func addAttributeFailure(diags *diag.Diagnostics, at path.Path, summary, what string, err error) {
	diags.AddAttributeError(at, summary, failureText(what, err))
}
