package wallaroo

import (
	"errors"
	"net/netip"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// apiSuffix is the part of the API's address that the calls add themselves.
const apiSuffix = "/v1/api"

// ParseEndpoint reads the base address of an instance. It must be an https URL,
// or an http one that leads to this machine or is allowed by allowPlainHTTP. A
// path prefix is kept; a trailing "/" or "/v1/api" is not. The error gives the
// reason and no part of raw, which may hold a password.
func ParseEndpoint(raw string, allowPlainHTTP bool) (*url.URL, error) {
	return parseBase(raw, allowPlainHTTP, apiSuffix)
}

// parseAuthEndpoint reads the base address of an identity provider by the rules
// of [ParseEndpoint]. A trailing "/auth" is left out too.
func parseAuthEndpoint(raw string, allowPlainHTTP bool) (*url.URL, error) {
	return parseBase(raw, allowPlainHTTP, apiSuffix, "/auth")
}

func parseBase(raw string, allowPlainHTTP bool, suffixes ...string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, errors.New("is empty")
	}

	parsed, err := url.Parse(raw)
	if err != nil || !utf8.ValidString(raw) {
		return nil, errors.New("is not a valid URL")
	}

	if err := checkBase(parsed, raw, allowPlainHTTP); err != nil {
		return nil, err
	}

	escaped := trimBase(parsed.EscapedPath(), suffixes)

	unescaped, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, errors.New("has a path that is not validly escaped")
	}

	host := strings.ToLower(strings.TrimSuffix(parsed.Host, ":"))

	return &url.URL{Scheme: parsed.Scheme, Host: host, Path: unescaped, RawPath: escaped}, nil
}

func checkBase(parsed *url.URL, raw string, allowPlainHTTP bool) error {
	switch {
	case parsed.User != nil:
		return errors.New("must not contain user information")
	case parsed.Opaque != "" || parsed.Scheme == "":
		return errors.New(`must begin with "https://"`)
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return errors.New("must be an https URL")
	case parsed.Hostname() == "":
		return errors.New("has no host")
	case !validPort(parsed.Port()):
		return errors.New("has a port that is not between 1 and 65535")
	case parsed.RawQuery != "" || parsed.ForceQuery:
		return errors.New("must not contain a query")
	case strings.Contains(raw, "#"):
		return errors.New("must not contain a fragment")
	case parsed.Scheme == "http" && !allowPlainHTTP && !isLoopback(parsed.Hostname()):
		return errors.New("must be an https URL: unencrypted HTTP is accepted for loopback addresses only, unless it is allowed")
	default:
		return nil
	}
}

func validPort(port string) bool {
	if port == "" {
		return true
	}

	number, err := strconv.ParseUint(port, 10, 16)

	return err == nil && number > 0
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}

	address, err := netip.ParseAddr(host)

	return err == nil && address.IsLoopback()
}

// trimBase normalises an escaped path and takes the suffixes off its end.
func trimBase(escaped string, suffixes []string) string {
	base := strings.TrimSuffix(path.Clean("/"+escaped), "/")

	for trimmed := true; trimmed; {
		trimmed = false

		for _, suffix := range suffixes {
			if rest, ok := strings.CutSuffix(base, suffix); ok {
				base, trimmed = rest, true
			}
		}
	}

	return base
}
