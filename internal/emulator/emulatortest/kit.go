package emulatortest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TokenPath is the path of the token endpoint.
const TokenPath = "/auth/realms/master/protocol/openid-connect/token"

// Form is the content type of what the token endpoint takes.
const Form = "application/x-www-form-urlencoded"

// Clock is a time that only a test moves.
type Clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

// NewClock returns a clock that shows a time of the API guide.
func NewClock() *Clock {
	return &Clock{now: time.Date(2023, time.November, 28, 21, 16, 9, 891951000, time.UTC)}
}

// Now returns the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.now
}

// Advance moves the time.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.now = c.now.Add(d)
}

// Response is a response that was read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Send sends a request. Headers are given as "Name: value"; one without a value is left out.
func Send(t testing.TB, client *http.Client, method, url, body string, headers ...string) (Response, error) {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return Response{}, err
	}

	for _, header := range headers {
		if name, value, _ := strings.Cut(header, ": "); value != "" {
			request.Header.Set(name, value)
		}
	}

	got, err := client.Do(request)
	if err != nil {
		return Response{}, err
	}

	defer func() { _ = got.Body.Close() }()

	data, err := io.ReadAll(got.Body)

	return Response{got.StatusCode, got.Header, string(data)}, err
}

// MustSend is Send by the default client, for a request that gets a response.
func MustSend(t testing.TB, method, url, body string, headers ...string) Response {
	t.Helper()

	got, err := Send(t, http.DefaultClient, method, url, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %s", method, url, err)
	}

	return got
}

// Parse decodes JSON.
func Parse[T any](t testing.TB, body string) T {
	t.Helper()

	var out T
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%s: %s", err, body)
	}

	return out
}
