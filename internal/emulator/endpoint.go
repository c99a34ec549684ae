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

// apiError is an error of the MLOps API.
type apiError struct {
	status int
	body   any
}

func (e *apiError) Error() string { return fmt.Sprint(e.body) }

// refuse returns an error with that status and the usual body.
func refuse(status int, format string, args ...any) *apiError {
	return &apiError{status, map[string]any{"msg": fmt.Sprintf(format, args...), "code": status}}
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

		if err != nil {
			failure := toAPIError(err)
			jsonResponse(failure.status, failure.body).write(w)

			return
		}

		jsonResponse(http.StatusOK, value).write(w)
	}
}

func toAPIError(err error) *apiError {
	if known, ok := errors.AsType[*apiError](err); ok {
		return known
	}

	if errors.Is(err, keycloak.ErrUnauthorized) {
		return refuse(http.StatusUnauthorized, "Unauthorized: %s", err)
	}

	return refuse(http.StatusServiceUnavailable, "%s", err)
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
