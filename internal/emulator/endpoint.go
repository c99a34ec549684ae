package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// apiError is an error of the MLOps API, and its body.
type apiError struct {
	Msg  string `json:"msg"`
	Code int    `json:"code"`
}

func (e *apiError) Error() string { return e.Msg }

// errConflict is how some servers refuse a name that is in use: 409, with a body of another shape.
var errConflict = errors.New("conflict")

// refuse returns an error with that status.
func refuse(status int, format string, args ...any) error {
	return &apiError{Msg: fmt.Sprintf(format, args...), Code: status}
}

// endpoint makes a handler of the MLOps API from a function: it authenticates the caller, decodes the JSON body, and encodes
// what the function returns.
func endpoint[T any](s *Server, handle func(ctx context.Context, caller User, request T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request T
		caller, err := s.directory.Authenticate(r)
		if err == nil {
			err = decode(r.Body, &request)
		}
		var value any
		if err == nil {
			value, err = handle(r.Context(), caller, request)
		}
		switch {
		case errors.Is(err, errConflict):
			jsonResponse(http.StatusConflict, map[string]string{"error": err.Error()}).write(w)
		case err != nil:
			failure := toAPIError(err)
			jsonResponse(failure.Code, failure).write(w)
		default:
			jsonResponse(http.StatusOK, value).write(w)
		}
	}
}

func toAPIError(err error) *apiError {
	var known *apiError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, keycloak.ErrUnauthorized):
		return &apiError{"Unauthorized: " + err.Error(), http.StatusUnauthorized}
	}
	return &apiError{err.Error(), http.StatusServiceUnavailable}
}

// decode reads one JSON object. Fields that the target lacks are ignored.
func decode(body io.Reader, target any) error {
	data, err := io.ReadAll(body)
	if err == nil {
		err = json.Unmarshal(data, target)
	}
	if err == nil && !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		err = errors.New("expected an object")
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "Failed to parse the request body as JSON: %s", err)
	}
	return nil
}

func serveConfig(w http.ResponseWriter, _ *http.Request) {
	jsonResponse(http.StatusOK, map[string]any{"default_arch": "x86", "supported_archs": []string{"x86", "arm"}}).write(w)
}
