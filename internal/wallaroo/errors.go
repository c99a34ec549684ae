package wallaroo

import (
	"fmt"
	"net/http"
	"strconv"
)

// Kind classifies the failure of an [Error].
type Kind string

const (
	// KindStatus is a response with the status of an error.
	KindStatus Kind = "status"
	// KindTransport means that no complete response came: refused, cut, timed out.
	KindTransport Kind = "transport"
	// KindRedirect is a response that points elsewhere. It is never followed.
	KindRedirect Kind = "redirect"
	// KindHTML is a web page where JSON was expected: a proxy or a login page.
	KindHTML Kind = "html"
	// KindMalformed is a response of status 2xx that is not what the API documents.
	KindMalformed Kind = "malformed"
	// KindTooLarge is a response over the size limit.
	KindTooLarge Kind = "too large"
)

// Error is a failed call. The predicates, such as [IsForbidden], classify it.
type Error struct {
	Kind Kind
	// Authentication is true when the identity provider failed, not the API.
	Authentication bool
	// Method and Path name the call, without host and query.
	Method, Path string
	// Host is where the call went.
	Host string
	// Status is the HTTP status; zero when none came.
	Status int
	// Code is the OAuth error code of a failed authentication.
	Code string
	// Message is what the other side said, made safe to print.
	Message string
	// RequestID is the request ID of the response, if it had one.
	RequestID string
	// OutcomeUnknown is true when the request may have been processed although no
	// usable response came.
	OutcomeUnknown bool
	// Err is the cause, if there is one. Its text is not made safe to print.
	Err error

	retryInfo
}

// Error names the call, the response and who sent it, and the request ID.
func (e *Error) Error() string {
	text := e.outline()
	if e.Code != "" {
		text += ": " + e.Code
	}

	switch {
	case e.Message == "":
	case e.Kind == KindStatus:
		text += ": " + strconv.Quote(e.Message)
	default:
		text += ": " + e.Message
	}

	if e.hint != "" {
		text += "; " + e.hint
	}

	if e.RequestID != "" {
		text += " (request ID " + e.RequestID + ")"
	}

	return text
}

// Unwrap returns the cause, such as the error of a canceled context.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) outline() string {
	peer, host, call := "the API", e.Host, e.Method+" "+e.Path
	if e.Authentication {
		peer = "the identity provider"
	}

	if host == "" {
		host = peer
	}

	switch e.Kind {
	case KindTransport:
		return fmt.Sprintf("no answer from %s to %s", host, call)
	case KindHTML:
		return fmt.Sprintf("a proxy or login page answered %s to %s at %s, where JSON was expected", statusLine(e.Status), call, host)
	case KindMalformed:
		return fmt.Sprintf("%s answered %s to %s with an unexpected response", peer, statusLine(e.Status), call)
	default:
		return fmt.Sprintf("%s answered %s to %s", peer, statusLine(e.Status), call)
	}
}

func statusLine(status int) string {
	line := strconv.Itoa(status)
	if text := http.StatusText(status); text != "" {
		line += " " + text
	}

	return line
}
