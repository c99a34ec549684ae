package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// answer is a whole response, kept as a value so that a fault can replace, cut or slow it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func jsonAnswer(status int, body any) answer {
	data, err := json.Marshal(body)
	if err != nil {
		return answer{status: http.StatusInternalServerError, body: []byte(err.Error())}
	}
	return answer{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: data}
}

func htmlAnswer(status int, page string) answer {
	return answer{status: status, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body: []byte(page)}
}

// apiError is the error body of the MLOps API.
func apiError(status int, format string, args ...any) answer {
	type body struct {
		Msg  string `json:"msg"`
		Code int    `json:"code"`
	}
	return jsonAnswer(status, body{Msg: fmt.Sprintf(format, args...), Code: status})
}

// keycloakError is the error body of Keycloak. Its text is left out when empty.
func keycloakError(status int, code, text string) answer {
	type body struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}
	return jsonAnswer(status, body{Error: code, Description: text})
}

func notFound(path string) answer {
	switch {
	case strings.HasPrefix(path, "/auth/realms/") && !strings.HasPrefix(path, "/auth/realms/master/"):
		return keycloakError(http.StatusNotFound, "Realm does not exist", "")
	case strings.HasPrefix(path, "/auth/admin/realms/") && !strings.HasPrefix(path, "/auth/admin/realms/master/"):
		return keycloakError(http.StatusNotFound, "Realm not found.", "")
	case strings.HasPrefix(path, "/auth/"):
		return keycloakError(http.StatusNotFound, "HTTP 404 Not Found", "")
	case strings.HasPrefix(path, "/realms/"):
		// Keycloak below another prefix answers with a page, not with JSON.
		return htmlAnswer(http.StatusNotFound, "<html><body><h1>Resource not found</h1></body></html>")
	}
	return apiError(http.StatusNotFound, "no such path: %s", path)
}

func wrongMethod(path, allowed string) answer {
	a := apiError(http.StatusMethodNotAllowed, "method not allowed, use %s", allowed)
	if strings.HasPrefix(path, "/auth/") {
		a = keycloakError(http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed", "")
	}
	a.header.Set("Allow", allowed)
	return a
}

// writeHeader sends status and headers, with the length of the whole body.
func (a answer) writeHeader(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
}

// write sends the answer. A client that has gone is its own concern, so errors of writing end here.
func (a answer) write(w http.ResponseWriter) {
	a.writeHeader(w)
	if len(a.body) > 0 {
		_, _ = w.Write(a.body)
	}
}

// writeHTTP10 sends the answer as a server of HTTP/1.0 does, and closes the connection. Go's own server cannot, so the
// connection is taken from it; a connection that cannot be taken, such as one of HTTP/2, gets the usual form.
func (a answer) writeHTTP10(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		a.write(w)
		return
	}
	defer func() { _ = conn.Close() }()
	response := http.Response{
		StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 0, Header: w.Header().Clone(),
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Close: true,
	}
	maps.Copy(response.Header, a.header)
	_ = response.Write(conn)
}
