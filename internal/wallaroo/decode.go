package wallaroo

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// document is the answer of one operation, which yields a result or says what
// is wrong with it.
type document[R any] interface {
	result() (R, error)
}

// decode reads an answer of status 2xx. The error says what came.
func decode[D document[R], R any](body []byte) (R, error) {
	var (
		decoded D
		none    R
	)
	switch kind := jsontext.Value(body).Kind(); {
	case len(bytes.TrimSpace(body)) == 0:
		return none, errors.New("an empty body")
	case kind != '{' && kind != jsontext.KindInvalid:
		return none, errors.New(kindName(kind))
	}
	err := json.Unmarshal(body, &decoded)
	if err != nil {
		err = describe(err)
	} else {
		result, problem := decoded.result()
		if problem == nil {
			return result, nil
		}
		err = problem
	}
	if said := readErrorBody(body); said.isError() {
		err = errors.New("an error object: " + said.message()) // unquoted, so that secrets in it are found
	}
	return none, err
}

// describe says where an answer is wrong, in the words of JSON and not of Go.
func describe(err error) error {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Errorf("%s at %q, where it does not fit", kindName(semantic.JSONKind), semantic.JSONPointer)
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("not valid JSON: %w, at byte %d", syntactic.Err, syntactic.ByteOffset)
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

// errorBody is an error object, as the API or the login server or a gateway
// writes it. Its absent members are nil.
type errorBody map[string]jsontext.Value

// readErrorBody is lenient: of a bad answer every word helps.
func readErrorBody(body []byte) errorBody {
	var fields errorBody
	err := json.Unmarshal(body, &fields, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil
	}
	return fields
}

func (b errorBody) text(name string) string {
	value := b[name]
	if value.Kind() != jsontext.KindString {
		return ""
	}
	text, err := jsontext.AppendUnquote(nil, value)
	if err != nil && len(text) == 0 {
		return ""
	}
	return string(text)
}

// message is the best explanation that the object holds.
func (b errorBody) message() string {
	for _, name := range []string{"msg", "error", "error_description"} {
		if text := b.text(name); text != "" {
			return text
		}
	}
	return ""
}

func (b errorBody) isError() bool { return b.text("msg") != "" || b.text("error") != "" }

// explain puts what an error answer says into failure.
func (w *wire) explain(failure *Error, body []byte) {
	said := readErrorBody(body)
	if failure.Authentication && said == nil && failure.Status == http.StatusNotFound {
		failure.facts.note = `no login server is there: auth_endpoint is probably wrong (another host, or another path before "/auth")`
	}
	switch {
	case failure.Kind == KindHTML:
	case failure.Authentication && said.text("error") != "":
		failure.Code = w.oauthCode(said.text("error"))
		failure.Message = w.secrets.clean(said.text("error_description"))
	case said.message() != "":
		failure.Message = w.secrets.clean(said.message())
	default:
		failure.Message = w.secrets.clean(string(body))
	}
}

// oauthCode makes a code safe to print. The known ones stay as they are, also
// when a password is part of their name, since they decide what happens next.
func (w *wire) oauthCode(code string) string {
	switch code {
	case codeInvalidGrant, codeInvalidClient, codeUnauthorizedClient:
		return code
	default:
		return w.secrets.clean(code)
	}
}
