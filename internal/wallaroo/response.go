package wallaroo

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// responseBody is JSON as an instance writes it: a response or an element of one.
// It yields a value, or says what is wrong with it.
type responseBody[T any] interface {
	value() (T, error)
}

// decode reads a response of status 2xx as it comes in, so that long lists need
// not be held twice. The error describes what came.
func decode[B responseBody[T], T any](r io.Reader) (T, error) {
	var (
		body B
		none T
	)

	dec := jsontext.NewDecoder(r)
	if kind := dec.PeekKind(); kind != jsontext.KindBeginObject && kind != jsontext.KindInvalid {
		return none, errors.New(kindName(kind))
	}

	err := json.UnmarshalDecode(dec, &body)
	if errors.Is(err, io.EOF) {
		return none, errors.New("an empty body")
	}

	if err != nil {
		return none, describe(err)
	}

	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return none, errors.New("not valid JSON: more than one value")
	}

	return body.value()
}

// contentError describes an error in valid JSON. It can be found below what
// package json wraps around it.
type contentError struct{ error }

// describe returns where a response is wrong, in terms of JSON and not of Go.
func describe(err error) error {
	if content, ok := errors.AsType[contentError](err); ok {
		return content
	}

	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("not valid JSON: %w, at byte %d", syntactic.Err, syntactic.ByteOffset)
	}

	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Errorf("%s at %q, where it does not fit", kindName(semantic.JSONKind), semantic.JSONPointer)
	}

	return errors.New("not valid JSON")
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindFalse, jsontext.KindTrue:
		return "a boolean"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "a list"
	default:
		return "something else"
	}
}

var errTooLarge = errors.New("over the limit")

// bodyReader reads the body of a response. It keeps the beginning, of which errors
// are made, and remembers what ended the reading other than its end.
type bodyReader struct {
	source io.Reader
	left   int64
	start  []byte
	err    error
}

// Read reads up to the limit.
func (b *bodyReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}

	n, err := b.source.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		n, err = n-1, errTooLarge
	}

	b.start = append(b.start, p[:min(n, errorLimit-len(b.start))]...)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}

	return n, err
}

// isHTML judges by the beginning of the body, or else by the header: small servers
// call everything HTML that they do not name.
func isHTML(header http.Header, body []byte) bool {
	if text := strings.TrimSpace(string(body)); text != "" {
		return strings.HasPrefix(text, "<")
	}

	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))

	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}

// errorBody is an error object, as the API or the identity provider or a gateway
// writes it. Its absent members are nil.
type errorBody map[string]jsontext.Value

// readErrorBody is lenient: of a bad response every word helps.
func readErrorBody(body []byte) errorBody {
	var fields errorBody

	err := json.Unmarshal(body, &fields, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil
	}

	return fields
}

func (b errorBody) text(name string) string {
	if b[name].Kind() != jsontext.KindString {
		return ""
	}

	return plainText(b[name])
}

// message returns the best explanation that the object holds. An identity
// provider's "error" is a code, and no explanation.
func (b errorBody) message(authentication bool) string {
	names := []string{"msg", "error", "error_description"}
	if authentication && b.text("error") != "" {
		names = names[2:]
	}

	for _, name := range names {
		if text := b.text(name); text != "" {
			return text
		}
	}

	return ""
}

func (b errorBody) isError() bool { return b.text("msg") != "" || b.text("error") != "" }
