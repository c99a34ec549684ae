package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// endpoint makes a route of the MLOps API from a function: it checks the token and reads the JSON body.
func endpoint[T any](s *Server, handle func(*account, T) answer) func(*call) answer {
	return func(c *call) answer {
		caller, ok := s.authenticate(c.r)
		if !ok {
			return apiError(http.StatusUnauthorized, "Unauthorized: the access token is missing, invalid or expired")
		}
		var request T
		if err := decode(c.body, &request); err != nil {
			return apiError(http.StatusBadRequest, "Failed to parse the request body as JSON: %s", err)
		}
		return handle(caller, request)
	}
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

// authenticate returns the account that an access token of this instance belongs to.
func (s *Server) authenticate(r *http.Request) (*account, bool) {
	claims, ok := s.verifyAccess(r)
	if !ok {
		return nil, false
	}
	caller, ok := s.store.users[claims.Subject]
	return caller, ok
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, ok && strings.EqualFold(scheme, "Bearer")
}

func (s *Server) config(*call) answer {
	return jsonAnswer(http.StatusOK, map[string]any{"default_arch": "x86", "supported_archs": []string{"x86", "arm"}})
}
