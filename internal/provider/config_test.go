package provider_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

const (
	workspacesKind = "wallaroo_workspaces"

	summaryBadSettings = "Invalid Wallaroo provider settings"
	summaryBadEndpoint = "Invalid Wallaroo endpoint"
	summaryConflict    = "Conflicting Wallaroo credentials"
	summaryIncomplete  = "Incomplete Wallaroo credentials"
	summaryMissing     = "Missing Wallaroo credentials"
	summaryList        = "Unable to list workspaces"

	// canary is a secret that no message may show.
	canary = "canary-3141592653"
)

// configured is a provider with that block and that environment, and what its
// configuration reports.
func configured(t testing.TB, block values, environment map[string]string) (*core, diagnostics) {
	t.Helper()

	run := newCore(t, provider.WithEnvironment(func(name string) string { return environment[name] }))

	return run, run.configure(block)
}

// ask makes the provider sign in and list, whatever it has been configured to.
func (c *core) ask() diagnostics {
	c.t.Helper()

	_, diags := c.readData(workspacesKind, values{})

	return diags
}

func with(base values, more values) values {
	merged := maps.Clone(base)
	maps.Copy(merged, more)

	return merged
}

func withVariables(base map[string]string, more map[string]string) map[string]string {
	merged := maps.Clone(base)
	maps.Copy(merged, more)

	return merged
}

// namesAll are attributes and their variables, as each message about them has them.
func namesAll(names ...string) []string {
	variables := map[string]string{
		"endpoint": "WALLAROO_URL", "auth_endpoint": "WALLAROO_AUTH_URL", "token": "WALLAROO_TOKEN",
		"username": "WALLAROO_USER", "password": "WALLAROO_PASSWORD", "client_id": "WALLAROO_CLIENT_ID",
		"client_secret": "WALLAROO_CLIENT_SECRET", "credentials_file": "WALLAROO_SDK_CREDENTIALS",
		"ca_certificate": "WALLAROO_CA_CERTIFICATE", "client_certificate": "WALLAROO_CLIENT_CERTIFICATE",
		"client_key": "WALLAROO_CLIENT_KEY",
	}

	var words []string
	for _, name := range names {
		words = append(words, "`"+name+"` ("+variables[name]+")")
	}

	return words
}

func wantNowhere(t testing.TB, diags diagnostics, secret string) {
	t.Helper()

	if strings.Contains(diags.String(), secret) {
		t.Errorf("a message shows %q: %s", secret, diags)
	}
}

// writeFile returns the path of a new file with that content.
func writeFile(t testing.TB, content string) string {
	t.Helper()

	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}

	return name
}

// newCertificate returns a self-signed certificate and its key, in PEM.
func newCertificate(t testing.TB) (certificate, key string) {
	t.Helper()

	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}

	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}

	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}

	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

// serve puts a handler in front of an instance, and returns its address.
func serve(t testing.TB, handler http.Handler) string {
	t.Helper()

	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	return server.URL
}

// guarded is an instance that only talks to clients with a certificate.
type guarded struct {
	*emulatortest.Instance

	url, ca, certificate, key string
}

func startGuarded(t testing.TB) guarded {
	t.Helper()

	instance := guide(t)
	server := httptest.NewUnstartedServer(instance.Server)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)

	certificate, key := newCertificate(t)

	return guarded{
		Instance: instance, url: server.URL, certificate: certificate, key: key,
		ca: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
	}
}

// environment is a whole configuration.
func (g guarded) environment() map[string]string {
	return map[string]string{
		"WALLAROO_URL": g.url, "WALLAROO_AUTH_URL": g.url, "WALLAROO_USER": emulatortest.Username, "WALLAROO_PASSWORD": emulatortest.Password,
		"WALLAROO_CA_CERTIFICATE": g.ca, "WALLAROO_CLIENT_CERTIFICATE": g.certificate, "WALLAROO_CLIENT_KEY": g.key,
		"WALLAROO_INSECURE_SKIP_VERIFY": "false", "WALLAROO_ALLOW_PLAIN_HTTP": "0",
		"WALLAROO_REQUEST_TIMEOUT": "30", "WALLAROO_MAX_RETRIES": "0", "WALLAROO_MAX_CONCURRENT_REQUESTS": "3",
	}
}

func TestProvider_configuredByTheEnvironment(t *testing.T) {
	t.Parallel()

	site := startGuarded(t)
	run, diags := configured(t, values{}, site.environment())
	wantNone(t, diags)
	wantNoRequests(t, site.Instance)

	wantNone(t, run.ask())
	wantRequests(t, site.Instance, map[string]int{"token": 1, "workspaces/list": 1})
}

func TestProvider_configuredByTheBlock(t *testing.T) {
	t.Parallel()

	site := startGuarded(t)
	run, diags := configured(t, values{
		"endpoint": site.url, "auth_endpoint": site.url, "username": emulatortest.Username, "password": emulatortest.Password,
		"ca_certificate": site.ca, "client_certificate": site.certificate, "client_key": site.key,
		"insecure_skip_verify": false, "allow_plain_http": false, "headers": map[string]string{"X-Gateway": "yes"},
		"request_timeout": 30, "max_retries": 0, "max_concurrent_requests": 3,
	}, nil)
	wantNone(t, diags)
	wantNoRequests(t, site.Instance)

	wantNone(t, run.ask())
	wantRequests(t, site.Instance, map[string]int{"token": 1, "workspaces/list": 1})
}

// A bad variable does harm on its own, and none where the block has the attribute.
func TestProvider_blockBeatsEnvironment(t *testing.T) {
	t.Parallel()

	site := startGuarded(t)
	otherCertificate, otherKey := newCertificate(t)

	for attribute, one := range map[string]struct {
		variable, bad, harm string
		good                any
	}{
		"endpoint":                {"WALLAROO_URL", "https://127.0.0.1:1", "127.0.0.1:1", site.url},
		"auth_endpoint":           {"WALLAROO_AUTH_URL", "https://127.0.0.1:1", "127.0.0.1:1", site.url},
		"ca_certificate":          {"WALLAROO_CA_CERTIFICATE", otherCertificate, "x509", site.ca},
		"client_certificate":      {"WALLAROO_CLIENT_CERTIFICATE", otherCertificate, "does not match", site.certificate},
		"client_key":              {"WALLAROO_CLIENT_KEY", otherKey, "does not match", site.key},
		"insecure_skip_verify":    {"WALLAROO_INSECURE_SKIP_VERIFY", "maybe", "WALLAROO_INSECURE_SKIP_VERIFY", false},
		"allow_plain_http":        {"WALLAROO_ALLOW_PLAIN_HTTP", "maybe", "WALLAROO_ALLOW_PLAIN_HTTP", false},
		"request_timeout":         {"WALLAROO_REQUEST_TIMEOUT", "soon", "WALLAROO_REQUEST_TIMEOUT", 30},
		"max_retries":             {"WALLAROO_MAX_RETRIES", "-1", "WALLAROO_MAX_RETRIES", 0},
		"max_concurrent_requests": {"WALLAROO_MAX_CONCURRENT_REQUESTS", "0", "WALLAROO_MAX_CONCURRENT_REQUESTS", 1},
	} {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()

			environment := withVariables(site.environment(), map[string]string{one.variable: one.bad})

			run, diags := configured(t, values{}, environment)
			if !diags.failed() {
				diags = run.ask()
			}

			if len(diags.errors()) != 1 || !strings.Contains(diags.String(), one.harm) {
				t.Fatalf("want one error that says %q, got: %s", one.harm, diags)
			}

			run, diags = configured(t, values{attribute: one.good}, environment)
			wantNone(t, diags)
			wantNone(t, run.ask())
		})
	}
}

func TestProvider_numbersAndBooleansOfTheEnvironment(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": "https://wallaroo.example.com", "token": "t"}

	for variable, bad := range map[string][]string{
		"WALLAROO_REQUEST_TIMEOUT":         {"0", "-1", "3601", "1.5", "1s", " 5", "45 seconds", "99999999999999999999"},
		"WALLAROO_MAX_RETRIES":             {"-1", "101", "many", "0x1"},
		"WALLAROO_MAX_CONCURRENT_REQUESTS": {"0", "101", "-5", "1e1"},
		"WALLAROO_INSECURE_SKIP_VERIFY":    {"yes", "on", "2", "tRUE"},
		"WALLAROO_ALLOW_PLAIN_HTTP":        {"no", "off", "-1", "nil"},
	} {
		for _, value := range bad {
			_, diags := configured(t, block, map[string]string{variable: value})
			wantError(t, diags, summaryBadSettings, variable, "must be")
		}
	}

	for variable, good := range map[string][]string{
		"WALLAROO_REQUEST_TIMEOUT":         {"", "1", "45", "3600"},
		"WALLAROO_MAX_RETRIES":             {"", "0", "4", "100"},
		"WALLAROO_MAX_CONCURRENT_REQUESTS": {"", "1", "100"},
		"WALLAROO_INSECURE_SKIP_VERIFY":    {"", "false", "0", "F", "FALSE"},
		"WALLAROO_ALLOW_PLAIN_HTTP":        {"", "false", "0", "true", "1", "T", "True"},
	} {
		for _, value := range good {
			_, diags := configured(t, block, map[string]string{variable: value})
			wantNone(t, diags)
		}
	}
}

func TestProvider_numbersOfTheBlock(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": "https://wallaroo.example.com", "token": "t"}

	for attribute, bad := range map[string][]int{
		"request_timeout": {0, -1, 3601}, "max_retries": {-1, 101}, "max_concurrent_requests": {0, 101},
	} {
		for _, value := range bad {
			_, diags := configured(t, with(block, values{attribute: value}), nil)
			wantError(t, diags, "Invalid Attribute Value", attribute, "between", fmt.Sprint(value))
		}
	}
}

// An empty text means not set, in the block as in the environment.
func TestProvider_emptyMeansNotSet(t *testing.T) {
	t.Parallel()

	site := startGuarded(t)
	block := values{}

	for _, attribute := range []string{
		"endpoint", "auth_endpoint", "token", "username", "password", "client_id", "client_secret", "credentials_file", "ca_certificate",
		"client_certificate", "client_key", "deletion_policy",
	} {
		block[attribute] = ""
	}

	run, diags := configured(t, block, withVariables(site.environment(), map[string]string{"WALLAROO_TOKEN": "", "WALLAROO_SDK_CREDENTIALS": ""}))
	wantNone(t, diags)
	wantNone(t, run.ask())

	_, diags = configured(t, block, nil)
	wantOne(t, "error", slices.DeleteFunc(diags.errors(), func(one *tfprotov6.Diagnostic) bool { return one.Summary == summaryMissing }),
		"Missing Wallaroo endpoint", namesAll("endpoint"))
	wantOne(t, "error", slices.DeleteFunc(diags.errors(), func(one *tfprotov6.Diagnostic) bool { return one.Summary != summaryMissing }),
		summaryMissing, namesAll("username", "token"))

	empty := map[string]string{}
	for variable := range site.environment() {
		empty[variable] = ""
	}

	_, diags = configured(t, values{"endpoint": "https://wallaroo.example.com", "token": "t"}, empty)
	wantNone(t, diags)
}

// The password goes where the environment says, and not to the instance.
func TestProvider_emptyAuthEndpoint(t *testing.T) {
	t.Parallel()

	api, auth := guide(t), guide(t)
	run, diags := configured(t, with(signedIn(api), values{"auth_endpoint": "", "max_retries": 0}), map[string]string{"WALLAROO_AUTH_URL": auth.URL})
	wantNone(t, diags)
	run.ask()

	if api.Count("token") != 0 || auth.Count("token") == 0 {
		t.Errorf("%d requests for a token at the instance, %d at the identity provider", api.Count("token"), auth.Count("token"))
	}
}

func TestProvider_maxRetries(t *testing.T) {
	t.Parallel()

	for value, lists := range map[string]int{"": 5, "0": 1, "2": 3} {
		instance := guide(t)
		instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusBadGateway})

		run, diags := configured(t, signedIn(instance), map[string]string{"WALLAROO_MAX_RETRIES": value})
		wantNone(t, diags)
		wantError(t, run.ask(), summaryList, "502 Bad Gateway", "WALLAROO_MAX_RETRIES")

		if n := instance.Count("workspaces/list"); n != lists {
			t.Errorf("WALLAROO_MAX_RETRIES=%s: %d lists, want %d", value, n, lists)
		}
	}
}

// The one test of this package that waits in real time: a second, which is the
// shortest timeout there is.
func TestProvider_requestTimeout(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.Inject(emulator.Fault{Operation: "workspaces/list", Hold: make(chan struct{})})

	run, diags := configured(t, with(signedIn(instance), values{"max_retries": 0}), map[string]string{"WALLAROO_REQUEST_TIMEOUT": "1"})
	wantNone(t, diags)
	wantError(t, run.ask(), summaryList, "timed out after 1 s", "WALLAROO_REQUEST_TIMEOUT")
}

// crowd counts how many requests for members are under way at the same time. The
// first of them wait for each other.
type crowd struct {
	http.Handler

	waiters int32
	wait    sync.WaitGroup
	seen    atomic.Int32
	now     atomic.Int32
	most    atomic.Int32
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/list_users") {
		c.Handler.ServeHTTP(w, r)

		return
	}

	now := c.now.Add(1)
	defer c.now.Add(-1)

	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
	}

	if c.seen.Add(1) <= c.waiters {
		c.wait.Done()
		c.wait.Wait()
	}

	c.Handler.ServeHTTP(w, r)
}

func TestProvider_maxConcurrentRequests(t *testing.T) {
	t.Parallel()

	for _, limit := range []int{1, 3} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			counted := &crowd{Handler: instance.Server, waiters: int32(limit)}
			counted.wait.Add(limit)

			run, diags := configured(t, with(signedIn(instance), values{"endpoint": serve(t, counted)}),
				map[string]string{"WALLAROO_MAX_CONCURRENT_REQUESTS": fmt.Sprint(limit)})
			wantNone(t, diags)

			_, diags = run.readData(workspacesKind, values{"user_ids": []string{emulator.HummelID}})
			wantNone(t, diags)

			if most := counted.most.Load(); most != int32(limit) {
				t.Errorf("%d requests at the same time, want %d", most, limit)
			}
		})
	}
}

func TestProvider_unknownSettings(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	base := signedIn(instance)

	for _, attribute := range []string{
		"endpoint", "auth_endpoint", "token", "username", "password", "client_id", "client_secret", "credentials_file", "ca_certificate",
		"client_certificate", "client_key", "insecure_skip_verify", "allow_plain_http", "headers", "request_timeout", "max_retries", "max_concurrent_requests",
	} {
		run, diags := configured(t, with(base, values{attribute: unknown}), map[string]string{"WALLAROO_URL": instance.URL, "WALLAROO_TOKEN": "t"})
		wantNone(t, diags)
		wantError(t, run.ask(), summaryUnconfigured)
	}

	wantNoRequests(t, instance)
}

func TestProvider_missingEndpoint(t *testing.T) {
	t.Parallel()

	_, diags := configured(t, values{"token": "t"}, nil)
	wantError(t, diags, "Missing Wallaroo endpoint", "`endpoint`", "WALLAROO_URL", "https://")
}

func TestProvider_endpoints(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prefixed := serve(t, http.StripPrefix("/team/a", instance.Server))
	host := strings.TrimPrefix(instance.URL, "http://")

	good := map[string]string{
		"as it is":          instance.URL,
		"slash":             instance.URL + "/",
		"slashes":           instance.URL + "///",
		"API":               instance.URL + "/v1/api",
		"API and slash":     instance.URL + "/v1/api/",
		"upper case scheme": "HTTP://" + host,
		"name":              "http://LocalHost:" + host[strings.LastIndex(host, ":")+1:],
		"white space":       " " + instance.URL + "\n",
		"prefix":            prefixed + "/team/a",
		"prefix and API":    prefixed + "/team/a/v1/api/",
	}

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp6", "[::1]:0")
	if err == nil {
		server := httptest.NewUnstartedServer(instance.Server)
		_ = server.Listener.Close()
		server.Listener = listener
		server.Start()
		t.Cleanup(server.Close)

		good["IPv6"] = "http://" + listener.Addr().String()
	}

	for name, endpoint := range good {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			run, diags := configured(t, with(signedIn(instance), values{"endpoint": endpoint}), nil)
			wantNone(t, diags)
			wantNone(t, run.ask())

			environment := map[string]string{"WALLAROO_URL": endpoint, "WALLAROO_USER": emulatortest.Username, "WALLAROO_PASSWORD": emulatortest.Password}
			run, diags = configured(t, values{}, environment)
			wantNone(t, diags)
			wantNone(t, run.ask())
		})
	}
}

func TestProvider_badEndpoints(t *testing.T) {
	t.Parallel()

	for endpoint, words := range map[string][]string{
		"http://wallaroo.example.com":                       {"unencrypted HTTP", "allow_plain_http"},
		"http://api-lb:8080":                                {"unencrypted HTTP", "allow_plain_http"},
		"http://127.0.0.1.example.com":                      {"unencrypted HTTP"},
		"https://user:" + canary + "@wallaroo.example.com":  {"user information"},
		"https://" + canary + "@wallaroo.example.com":       {"user information"},
		"https://user:" + canary + "/@wallaroo.example.com": {"not a valid URL"},
		"https://wallaroo.example.com/?key=" + canary:       {"query"},
		"https://wallaroo.example.com?":                     {"query"},
		"https://wallaroo.example.com/#" + canary:           {"fragment"},
		"wallaroo.example.com":                              {`must begin with "https://"`},
		"wallaroo.example.com:443":                          {"https"},
		"ftp://wallaroo.example.com":                        {"https"},
		"https://":                                          {"no host"},
		"https://wallaroo.example.com:99999":                {"port"},
		"https://walla roo.example.com/" + canary:           {"not a valid URL"},
		"   ": {"empty"},
	} {
		for attribute, variable := range map[string]string{"endpoint": "WALLAROO_URL", "auth_endpoint": "WALLAROO_AUTH_URL"} {
			block := values{"endpoint": "https://wallaroo.example.com", "token": "t"}

			words := append([]string{"`" + attribute + "` (" + variable + ") ", "https://wallaroo.example.com"}, words...)

			_, diags := configured(t, with(block, values{attribute: endpoint}), nil)
			wantError(t, diags, summaryBadEndpoint, words...)
			wantNowhere(t, diags, canary)

			delete(block, attribute)

			_, diags = configured(t, block, withVariables(map[string]string{"WALLAROO_URL": "https://wallaroo.example.com"}, map[string]string{variable: endpoint}))
			wantError(t, diags, summaryBadEndpoint, words...)
			wantNowhere(t, diags, canary)
		}
	}
}

func TestProvider_allowPlainHTTP(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": "http://api-lb:8080", "auth_endpoint": "http://keycloak:8080", "token": "t"}

	for value, ok := range map[any]bool{true: true, false: false, nil: false} {
		_, diags := configured(t, with(block, values{"allow_plain_http": value}), nil)
		if diags.failed() == ok {
			t.Errorf("allow_plain_http = %v: %s", value, diags)
		}
	}

	_, diags := configured(t, block, map[string]string{"WALLAROO_ALLOW_PLAIN_HTTP": "true"})
	wantNone(t, diags)

	_, diags = configured(t, with(block, values{"allow_plain_http": false}), map[string]string{"WALLAROO_ALLOW_PLAIN_HTTP": "true"})
	if len(diags.errors()) != 2 {
		t.Errorf("want one error for each address, got: %s", diags)
	}
}

// The identity provider is on a host of its own.
func TestProvider_authEndpoint(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	var signIns, calls atomic.Int32

	count := func(n *atomic.Int32) string {
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)

			r.Host = "wallaroo.example.com"
			instance.ServeHTTP(w, r)
		}))
	}
	api, auth := count(&calls), count(&signIns)

	for i, suffix := range []string{"", "/", "/auth", "/auth/"} {
		run, diags := configured(t, with(signedIn(instance), values{"endpoint": api, "auth_endpoint": auth + suffix}), nil)
		wantNone(t, diags)
		wantNone(t, run.ask())

		if signIns.Load() != int32(i+1) || calls.Load() != int32(i+1) {
			t.Errorf("%q: %d requests to the identity provider and %d to the API, want %d each", suffix, signIns.Load(), calls.Load(), i+1)
		}
	}
}

func TestProvider_headers(t *testing.T) {
	t.Parallel()

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide})
	run, diags := configured(t, with(signedIn(instance), values{"headers": map[string]string{"x-gateway-key": "open sesame", "CF-Access": ""}}), nil)
	wantNone(t, diags)
	wantNone(t, run.ask())
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})

	for _, request := range instance.Requests() {
		if got := request.Header.Values("X-Gateway-Key"); len(got) != 1 || got[0] != "open sesame" {
			t.Errorf("%s: X-Gateway-Key = %q", request.Operation, got)
		}

		if got := request.Header.Values("Cf-Access"); len(got) != 0 {
			t.Errorf("%s: Cf-Access = %q, though it is empty", request.Operation, got)
		}
	}
}

func TestProvider_badHeaders(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": "https://wallaroo.example.com", "token": "t"}

	for name, headers := range map[string]map[string]string{
		"Authorization": {"Authorization": "Bearer " + canary},
		"letter case":   {"aUTHORIZATION": canary},
		"Content-Type":  {"Content-Type": canary},
		"Host":          {"Host": canary},
		"name":          {"X Gateway": canary},
		"empty name":    {"": canary},
		"value":         {"X-Gateway": canary + "\r\nAuthorization: Bearer x"},
		"twice":         {"X-Gateway": canary, "x-gateway": canary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, diags := configured(t, with(block, values{"headers": headers}), nil)
			wantError(t, diags, summaryBadSettings, "`headers`")
			wantNowhere(t, diags, canary)

			if at := diags[0].Attribute.String(); !strings.Contains(at, "headers") {
				t.Errorf("reported at %q", at)
			}
		})
	}
}

// One element of the map is not known, or null.
func TestProvider_headersByElement(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": "https://wallaroo.example.com", "token": "t"}

	run, diags := configured(t, with(block, values{"headers": map[string]any{"X-A": "a", "X-B": unknown}}), nil)
	wantNone(t, diags)
	wantError(t, run.ask(), summaryUnconfigured)

	_, diags = configured(t, with(block, values{"headers": map[string]any{"X-A": "a", "X-B": nil}}), nil)
	wantError(t, diags, summaryBadSettings, `"X-B"`, "is null")
}

func TestProvider_userAgent(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	wantNone(t, start(t, instance).ask())

	for _, request := range instance.Requests() {
		want := "terraform-provider-wallaroo/test (+https://github.com/wallaroo-community/terraform-provider-wallaroo) Terraform/1.11.4"
		if got := request.Header.Get("User-Agent"); got != want {
			t.Errorf("%s: User-Agent = %q", request.Operation, got)
		}
	}
}

func TestProvider_caCertificate(t *testing.T) {
	t.Parallel()

	instance := emulatortest.StartTLS(t, emulator.Options{Seed: emulator.SeedGuide})
	other, _ := newCertificate(t)

	run, diags := configured(t, signedIn(instance), nil)
	wantNone(t, diags)
	wantError(t, run.ask(), summaryList, "x509", "ca_certificate")
	wantNoRequests(t, instance)

	for name, value := range map[string]string{
		"PEM": instance.CACertificate, "path": writeFile(t, instance.CACertificate), "bundle": "# two\n" + other + instance.CACertificate,
	} {
		instance.ResetRequests()

		run, diags := configured(t, with(signedIn(instance), values{"ca_certificate": value}), nil)
		wantNone(t, diags)
		wantNone(t, run.ask())

		if instance.Count("token") != 1 || instance.Count("workspaces/list") != 1 {
			t.Errorf("%s: %v", name, instance.Requests())
		}
	}

	for _, value := range []string{"/no/such/file", "-----BEGIN CERTIFICATE-----\n" + canary, writeFile(t, ""), writeFile(t, canary), t.TempDir()} {
		_, diags := configured(t, with(signedIn(instance), values{"ca_certificate": value}), nil)
		if len(diags.errors()) != 1 {
			t.Fatalf("%q: want one error, got: %s", value, diags)
		}

		wantError(t, diags, diags[0].Summary, namesAll("ca_certificate")...)
		wantNowhere(t, diags, canary)
	}
}

func TestProvider_clientCertificate(t *testing.T) {
	t.Parallel()

	site := startGuarded(t)
	_, otherKey := newCertificate(t)
	block := values{"endpoint": site.url, "username": emulatortest.Username, "password": emulatortest.Password, "ca_certificate": site.ca}

	run, diags := configured(t, block, nil)
	wantNone(t, diags)
	wantError(t, run.ask(), summaryList, "certificate")

	for _, pair := range [][2]string{{site.certificate, site.key}, {writeFile(t, site.certificate), writeFile(t, site.key)}} {
		run, diags := configured(t, with(block, values{"client_certificate": pair[0], "client_key": pair[1]}), nil)
		wantNone(t, diags)
		wantNone(t, run.ask())
	}

	for _, half := range []map[string]string{{"client_certificate": site.certificate}, {"client_key": site.key}} {
		more, environment := values{}, map[string]string{}

		for attribute, value := range half {
			more[attribute] = value
			environment["WALLAROO_"+strings.ToUpper(attribute)] = value
		}

		for _, one := range []struct {
			block       values
			environment map[string]string
		}{{with(block, more), nil}, {block, environment}} {
			_, diags := configured(t, one.block, one.environment)
			wantError(t, diags, "Incomplete client certificate", append(namesAll("client_certificate", "client_key"), "both or neither")...)
		}
	}

	for name, pair := range map[string][2]string{
		"of another key": {site.certificate, otherKey},
		"broken":         {site.certificate, "-----BEGIN PRIVATE KEY-----\n" + canary},
		"no such file":   {site.certificate, canary},
		"swapped":        {site.key, site.certificate},
		"empty file":     {site.certificate, writeFile(t, "")},
	} {
		_, diags := configured(t, with(block, values{"client_certificate": pair[0], "client_key": pair[1]}), nil)
		if len(diags.errors()) != 1 {
			t.Fatalf("%s: want one error, got: %s", name, diags)
		}

		wantError(t, diags, diags[0].Summary, namesAll("client_key")...)
		wantNowhere(t, diags, canary)
		wantNowhere(t, diags, strings.Split(site.key, "\n")[1])
	}
}

func TestProvider_insecureSkipVerify(t *testing.T) {
	t.Parallel()

	instance := emulatortest.StartTLS(t, emulator.Options{Seed: emulator.SeedGuide})

	run, diags := configured(t, with(signedIn(instance), values{"insecure_skip_verify": true}), nil)
	wantWarning(t, diags, "Certificates are not verified", "ca_certificate", "WALLAROO_CA_CERTIFICATE")
	wantNone(t, run.ask())

	run, diags = configured(t, signedIn(instance), map[string]string{"WALLAROO_INSECURE_SKIP_VERIFY": "true"})
	wantWarning(t, diags, "Certificates are not verified")
	wantNone(t, run.ask())
}

// A run may be configured twice by one process; the second configuration counts.
func TestProvider_configuredTwice(t *testing.T) {
	t.Parallel()

	first, second := guide(t), guide(t)
	run := start(t, first)
	wantNone(t, run.ask())
	wantNone(t, run.configure(signedIn(second)))
	wantNone(t, run.ask())

	for _, instance := range []*emulatortest.Instance{first, second} {
		wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
	}
}

// The context of Configure ends with it, as core does it. What is configured must
// not end too.
func TestProvider_outlivesItsConfigure(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := newCore(t)
	ctx, cancel := context.WithCancel(bg)

	resp, err := run.server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		Config: run.dynamic(run.schema.Provider.ValueType(), signedIn(instance)),
	})
	if err != nil {
		t.Fatal(err)
	}

	wantNone(t, resp.Diagnostics)
	cancel()
	wantNone(t, run.ask())
}

func TestProvider_deletionPolicy(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": "https://wallaroo.example.com", "token": "t"}

	for _, policy := range []string{"", "ABANDON", "PREVENT"} {
		_, diags := configured(t, with(block, values{"deletion_policy": policy}), map[string]string{"WALLAROO_DELETION_POLICY": policy})
		wantNone(t, diags)
	}

	_, diags := configured(t, with(block, values{"deletion_policy": "KEEP"}), nil)
	wantError(t, diags, "Invalid Attribute Value Match", "deletion_policy", "ABANDON", "PREVENT", "KEEP")

	_, diags = configured(t, block, map[string]string{"WALLAROO_DELETION_POLICY": "prevent"})
	wantError(t, diags, summaryBadSettings, "WALLAROO_DELETION_POLICY", "ABANDON", "PREVENT")

	_, diags = configured(t, with(block, values{"deletion_policy": "ABANDON"}), map[string]string{"WALLAROO_DELETION_POLICY": "prevent"})
	wantNone(t, diags)
}

// The policy of the provider block applies to workspaces that set none, also while the
// instance is not known.
func TestProvider_deletionPolicyOfWorkspaces(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")

	for _, one := range []struct {
		block       values
		environment map[string]string
	}{
		{values{"deletion_policy": "PREVENT"}, nil},
		{values{"deletion_policy": "PREVENT", "endpoint": unknown}, nil},
		{nil, map[string]string{"WALLAROO_DELETION_POLICY": "PREVENT"}},
		{values{"deletion_policy": ""}, map[string]string{"WALLAROO_DELETION_POLICY": "PREVENT"}},
	} {
		run, diags := configured(t, with(signedIn(instance), one.block), one.environment)
		wantNone(t, diags)

		if diags := run.planDestroy(prior); len(diags.errors()) != 1 || !strings.Contains(diags.String(), "PREVENT") {
			t.Errorf("%v %v: want one error that names PREVENT, got: %s", one.block, one.environment, diags)
		}
	}

	for _, block := range []values{{"deletion_policy": "ABANDON"}, {"deletion_policy": unknown}} {
		run, diags := configured(t, with(signedIn(instance), block), map[string]string{"WALLAROO_DELETION_POLICY": "PREVENT"})
		wantNone(t, diags)

		if diags := run.planDestroy(prior); diags.failed() {
			t.Errorf("%v: %s", block, diags)
		}
	}
}
