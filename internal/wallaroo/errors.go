package wallaroo

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Kind says what sort of failure an [Error] is.
type Kind int

const (
	// KindAnswer is an error that the instance answered, with its status.
	KindAnswer Kind = iota
	// KindTransport means that no complete answer came: refused, cut, timed out.
	KindTransport
	// KindRedirect is an answer that points elsewhere. It is never followed.
	KindRedirect
	// KindHTML is a web page where JSON was expected: a proxy or a login page.
	KindHTML
	// KindMalformed is an answer of status 2xx that is not what the API documents.
	KindMalformed
	// KindTooLarge is an answer over the size limit.
	KindTooLarge
)

// String names the kind in one word.
func (k Kind) String() string {
	switch k {
	case KindAnswer:
		return "answer"
	case KindTransport:
		return "transport"
	case KindRedirect:
		return "redirect"
	case KindHTML:
		return "html"
	case KindMalformed:
		return "malformed"
	case KindTooLarge:
		return "too large"
	default:
		return "kind " + strconv.Itoa(int(k))
	}
}

// Error is a failed call.
type Error struct {
	// Kind sorts the failure.
	Kind Kind
	// Authentication is true when the login server failed, not the API.
	Authentication bool
	// Method and Path name the call, without host and query.
	Method, Path string
	// Host is where the call went.
	Host string
	// Status is the HTTP status; zero when none came.
	Status int
	// Code is the OAuth error code of a failed sign-in, such as "invalid_grant".
	Code string
	// Message is what the other side said, made safe to print.
	Message string
	// RequestID is the request id of the answer, if it had one.
	RequestID string
	// Ambiguous is true when the request may have been processed although no
	// usable answer came.
	Ambiguous bool
	// Err is the cause, if there is one. Its text is not made safe to print.
	Err error

	facts facts
}

// facts is what decides whether a failed attempt may be repeated.
type facts struct {
	// sent is true once a connection stood: the request may be on its way.
	sent bool
	// final marks a failure that another attempt cannot mend.
	final bool
	// retryAfter is the wait that the answer asked for, nil when it asked none.
	retryAfter *time.Duration
	// note is a remark of this client that ends the error's text.
	note string
}

// Error names the call, who answered what, and the request id.
func (e *Error) Error() string {
	text := e.outline()
	if e.Code != "" {
		text += ": " + e.Code
	}
	switch {
	case e.Message == "":
	case e.Kind == KindAnswer:
		text += ": " + strconv.Quote(e.Message)
	default:
		text += ": " + e.Message
	}
	if e.facts.note != "" {
		text += "; " + e.facts.note
	}
	if e.RequestID != "" {
		text += " (request id " + e.RequestID + ")"
	}
	return text
}

// Unwrap returns the cause, such as the error of a cancelled context.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) outline() string {
	peer, host, call := "the API", e.Host, e.Method+" "+e.Path
	if e.Authentication {
		peer = "the login server"
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
		return fmt.Sprintf("%s answered %s to %s with something it does not document", peer, statusLine(e.Status), call)
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

// uncertain reports whether the failed request may have been processed.
func (e *Error) uncertain() bool {
	switch e.Status {
	case 0:
		return e.facts.sent
	case http.StatusServiceUnavailable:
		return e.facts.retryAfter == nil
	default:
		return e.Status < 300 || e.Status >= 500
	}
}
