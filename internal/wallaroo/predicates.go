package wallaroo

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// is reports whether err comes from an [*Error] that matches.
func is(err error, matches func(e *Error) bool) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && matches(e)
}

// IsAuthentication reports whether the call failed at the identity provider.
func IsAuthentication(err error) bool {
	return is(err, func(e *Error) bool { return e.Authentication })
}

// IsInvalidCredentials reports whether the identity provider refused the user.
func IsInvalidCredentials(err error) bool {
	return is(err, func(e *Error) bool { return e.Code == codeInvalidGrant })
}

// IsInvalidClient reports whether the identity provider refused the client, or
// the client's way to authenticate.
func IsInvalidClient(err error) bool {
	return is(err, func(e *Error) bool { return e.Code == codeInvalidClient || e.Code == codeUnauthorizedClient })
}

// IsUnauthorized reports whether the API refused the access token.
func IsUnauthorized(err error) bool { return isStatus(err, http.StatusUnauthorized) }

// IsForbidden reports whether the API refused the call to this account.
func IsForbidden(err error) bool { return isStatus(err, http.StatusForbidden) }

// IsNotFound reports whether the API does not know the path, or what it names.
func IsNotFound(err error) bool { return isStatus(err, http.StatusNotFound) }

// IsBadRequest reports whether the API refused what the request says.
func IsBadRequest(err error) bool {
	return isStatus(err, http.StatusBadRequest, http.StatusUnprocessableEntity)
}

// isStatus reports whether the API, and no proxy in front of it, answered so.
func isStatus(err error, statuses ...int) bool {
	return is(err, func(e *Error) bool { return e.isAPI() && slices.Contains(statuses, e.Status) })
}

func (e *Error) isAPI() bool { return e.Kind == KindStatus && !e.Authentication }

// IsUnavailable reports whether a server is busy or restarting, whoever says so:
// the API, the identity provider, or a proxy in front of them.
func IsUnavailable(err error) bool { return is(err, (*Error).isUnavailable) }

func (e *Error) isUnavailable() bool {
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// IsServerError reports whether a server failed, and not just for the moment.
func IsServerError(err error) bool {
	return is(err, func(e *Error) bool {
		return e.Kind == KindStatus && e.Status >= http.StatusInternalServerError && !e.isUnavailable()
	})
}

// IsAPIError reports whether the API itself worded the error.
func IsAPIError(err error) bool {
	return is(err, func(e *Error) bool { return e.isAPI() && e.Message != "" })
}

// IsOutcomeUnknown reports whether the request may have been processed although no
// usable response came.
func IsOutcomeUnknown(err error) bool {
	return is(err, func(e *Error) bool { return e.OutcomeUnknown })
}

// IsUnreachable reports whether no complete response came.
func IsUnreachable(err error) bool {
	return is(err, func(e *Error) bool { return e.Kind == KindTransport })
}

// IsRedirect reports whether the response points elsewhere.
func IsRedirect(err error) bool {
	return is(err, func(e *Error) bool { return e.Kind == KindRedirect })
}

// IsWebPage reports whether a web page came where JSON was expected.
func IsWebPage(err error) bool { return is(err, func(e *Error) bool { return e.Kind == KindHTML }) }

// IsUnexpectedResponse reports whether a response of status 2xx is not what the
// API documents.
func IsUnexpectedResponse(err error) bool {
	return is(err, func(e *Error) bool { return e.Kind == KindMalformed || e.Kind == KindTooLarge })
}

// IsNoDirectory reports whether a failure of [Client.Users] means that the
// instance has no user directory for this account. A failure that may pass, or
// that says nothing about the directory, does not.
func IsNoDirectory(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}

	return is(err, func(e *Error) bool {
		return !e.Authentication && e.Status != http.StatusTooManyRequests && e.Status != http.StatusServiceUnavailable
	})
}

var (
	// saysUnique matches the ways in which an instance may word a used name.
	saysUnique = regexp.MustCompile(`(?i)unique|duplicate|already (exist|in use|taken)`)
	// saysPresent matches the ways in which it may word that a user is a member.
	saysPresent = regexp.MustCompile(`(?i)\b(already|exists|duplicate|unique\w*|member of)\b`)
	// saysAbsent matches what turns those words into their opposite.
	saysAbsent = regexp.MustCompile(`(?i)\b(no|not|never|cannot|unknown|nobody|none)\b|n't\b`)
)

// IsNameInUse reports whether the API refused to create a workspace because the
// name is in use.
func IsNameInUse(err error) bool {
	return isStatus(err, http.StatusConflict) || is(err, func(e *Error) bool { return e.isWordedRefusal() && saysUnique.MatchString(e.Message) })
}

// IsAlreadyMember reports whether the API refused to add a user who is a member
// already. It judges by words, so the caller should list the members.
func IsAlreadyMember(err error) bool {
	return isStatus(err, http.StatusConflict) || is(err, func(e *Error) bool {
		return e.isWordedRefusal() && saysPresent.MatchString(e.Message) &&
			(strings.Contains(strings.ToLower(e.Message), "already") || !saysAbsent.MatchString(e.Message))
	})
}

// isWordedRefusal reports whether only the message says why the API refused.
func (e *Error) isWordedRefusal() bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		return e.isAPI()
	default:
		return false
	}
}
