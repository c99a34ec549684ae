package emulator

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// response is a whole response, kept as a value so that a fault can replace, cut or slow it. It is an http.ResponseWriter.
type response struct {
	status int
	header http.Header
	body   []byte
}

func newResponse() *response { return &response{status: http.StatusOK, header: http.Header{}} }

// Header returns the header to fill in.
func (r *response) Header() http.Header { return r.header }

// WriteHeader sets the status.
func (r *response) WriteHeader(status int) { r.status = status }

// Write appends to the body.
func (r *response) Write(data []byte) (int, error) {
	r.body = append(r.body, data...)
	return len(data), nil
}

func jsonResponse(status int, value any) *response {
	data, err := json.Marshal(value)
	if err != nil {
		return &response{http.StatusInternalServerError, http.Header{}, []byte(err.Error())}
	}

	return &response{status, http.Header{"Content-Type": {"application/json"}}, data}
}

// errorResponse has the error body of the MLOps API.
func errorResponse(status int, format string, args ...any) *response {
	return jsonResponse(status, refuse(status, format, args...).body)
}

func htmlResponse(status int, page string) *response {
	return &response{status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, []byte(page)}
}

// writeHeader sends status and headers, with the length of the whole body.
func (r *response) writeHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
}

// write sends the response. A client that has gone is its own concern, so errors of writing end here.
func (r *response) write(w http.ResponseWriter) {
	r.writeHeader(w)
	_, _ = w.Write(r.body)
}

// writeHTTP10 sends the response as a server of HTTP/1.0 does, and closes the connection. Go's own server cannot, so the
// connection is taken from it; one that cannot be taken, such as one of HTTP/2, gets the usual form.
func (r *response) writeHTTP10(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		r.write(w)
		return
	}
	defer func() { _ = conn.Close() }()

	out := http.Response{
		StatusCode: r.status, ProtoMajor: 1, ProtoMinor: 0, Header: w.Header().Clone(),
		Body: io.NopCloser(bytes.NewReader(r.body)), ContentLength: int64(len(r.body)), Close: true,
	}
	maps.Copy(out.Header, r.header)
	_ = out.Write(conn)
}
