package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// endpoint makes a route of the MLOps API from a function: it checks the token, reads the JSON body, and looks up the
// users that it names. The function then runs with the lock held.
func endpoint[T any](s *Server, handle func(*account, T) answer) func(*call) answer {
	return func(c *call) answer {
		caller, err := s.directory.caller(c.r)
		if err != nil {
			return noDirectory(err)
		}
		var request T
		if err := decode(c.body, &request); err != nil {
			return apiError(http.StatusBadRequest, "Failed to parse the request body as JSON: %s", err)
		}
		if f, ok := any(&request).(userResolver); ok {
			if err := f.find(c.r.Context(), s.directory, caller); err != nil {
				return noDirectory(err)
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return handle(caller, request)
	}
}

// noDirectory answers that a token is not good, or that this cannot be told.
func noDirectory(err error) answer {
	if errors.Is(err, errUnauthorized) {
		return apiError(http.StatusUnauthorized, "Unauthorized: %s", err)
	}
	return apiError(http.StatusServiceUnavailable, "%s", err)
}

// decode reads one JSON object. Fields that the target lacks are ignored.
func decode(body []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("trailing characters")
	}
	if raw[0] != '{' {
		return errors.New("expected an object")
	}
	return json.Unmarshal(raw, target)
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

func (s *Server) config(*call) answer {
	return jsonAnswer(http.StatusOK, map[string]any{"default_arch": "x86", "supported_archs": []string{"x86", "arm"}})
}
