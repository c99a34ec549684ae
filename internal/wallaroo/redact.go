package wallaroo

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// shownBytes bounds what an error shows of a text from outside.
	shownBytes = 200
	// keptTokens bounds how many issued tokens are remembered for redaction.
	keptTokens = 32
	// shortestSecret keeps values such as "1" from blotting out parts of words, which
	// would also give them away.
	shortestSecret = 4

	redacted = "(redacted)"
)

var (
	// tokenShape finds tokens that are not ours, or only part of one.
	tokenShape = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)*`)
	// userInfoShape finds the user part of a URL, such as that of a proxy.
	userInfoShape = regexp.MustCompile(`://[^/\s"]*@`)
)

// secrets holds what must not be shown, in the forms in which it can be written.
type secrets struct {
	mu       sync.Mutex // guards the rest
	fixed    []string
	issued   []string
	replacer *strings.Replacer
}

func newSecrets(credentials Credentials, headers map[string]string) *secrets {
	s := new(secrets)
	for _, value := range []string{credentials.Token, credentials.Password, credentials.ClientSecret} {
		s.fixed = append(s.fixed, encodedForms(value)...)
	}

	for _, value := range headers {
		s.fixed = append(s.fixed, encodedForms(value)...)
	}

	s.add()

	return s
}

// encodedForms returns value as it stands in a text, a form and a JSON string.
func encodedForms(value string) []string {
	if len(value) < shortestSecret {
		return nil
	}

	forms := []string{value, url.QueryEscape(value), url.PathEscape(value), unquoted(strconv.Quote(value))}
	if quoted, err := json.Marshal(value); err == nil {
		forms = append(forms, unquoted(string(quoted)))
	}

	if quoted, err := jsontext.AppendQuote(nil, value); err == nil {
		forms = append(forms, unquoted(string(quoted)))
	}

	return forms
}

func unquoted(quoted string) string { return quoted[1 : len(quoted)-1] }

// add remembers issued tokens, the latest ones.
func (s *secrets) add(tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, token := range tokens {
		if token != "" {
			s.issued = append(s.issued, token)
		}
	}

	s.issued = s.issued[max(0, len(s.issued)-keptTokens):]
	// The longest goes first, since one secret may begin another.
	all := slices.Concat(s.fixed, s.issued)
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })

	pairs := make([]string, 0, 2*len(all))
	for _, secret := range all {
		pairs = append(pairs, secret, redacted)
	}

	s.replacer = strings.NewReplacer(pairs...)
}

// redact makes a text from outside safe to print: no secrets, one line, valid
// UTF-8, short.
func (s *secrets) redact(text string) string {
	s.mu.Lock()
	replacer := s.replacer
	s.mu.Unlock()

	text = replacer.Replace(text)
	text = tokenShape.ReplaceAllString(text, redacted)
	text = userInfoShape.ReplaceAllString(text, "://"+redacted+"@")

	return shorten(printable(text), shownBytes)
}

// printable replaces what a terminal must not get and collapses white space.
func printable(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")

	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}

		return '\uFFFD'
	}, text)
}

// shorten cuts text to at most limit bytes, between characters.
func shorten(text string, limit int) string {
	const ellipsis = "…"

	if len(text) <= limit {
		return text
	}

	end := limit - len(ellipsis)
	for !utf8.RuneStart(text[end]) {
		end--
	}

	return text[:end] + ellipsis
}
