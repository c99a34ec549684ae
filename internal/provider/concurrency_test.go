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
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// atOnce runs f so often at the same time, from one start.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup

	begin := make(chan struct{})

	for i := range n {
		all.Go(func() {
			<-begin
			f(i)
		})
	}

	close(begin)
	all.Wait()
}

// signal is closed by the first request of an operation.
func signal(instance *emulatortest.Instance, operation string) <-chan struct{} {
	var once sync.Once

	arrived := make(chan struct{})

	instance.SetOnRequest(func(request emulator.Request) {
		if request.Operation == operation {
			once.Do(func() { close(arrived) })
		}
	})

	return arrived
}

// Ten reads of ten workspaces find out at the same time that the token is of no use.
func TestConcurrent_oneSignInForAll(t *testing.T) {
	t.Parallel()

	for name, end := range map[string]func(instance *emulatortest.Instance, later *clock){
		"not signed in": func(*emulatortest.Instance, *clock) {},
		"expired":       func(_ *emulatortest.Instance, later *clock) { later.advance(11 * time.Minute) },
		"revoked":       func(instance *emulatortest.Instance, _ *clock) { instance.RevokeTokens() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			const many = 10

			later := new(clock)
			instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, Now: later.now, TokenLifetime: 10 * time.Minute})

			for i := range many {
				instance.AddWorkspace(emulator.Workspace{Name: fmt.Sprintf("team-%d", i), Members: map[string]string{
					emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Collaborator,
				}})
			}

			var members []*object

			setUp := start(t, instance)

			for i := range many {
				found, diags := setUp.importID(userKind, fmt.Sprintf("team-%d/%s", i, emulator.HansarickEmail))
				wantNone(t, diags)

				members = append(members, found)
			}

			run := start(t, instance)
			if name != "not signed in" {
				wantNone(t, run.ask())
			}

			end(instance, later)
			instance.ResetRequests()

			atOnce(many, func(i int) {
				found, diags := run.read(bg, members[i])
				if len(diags) > 0 || found == nil {
					t.Errorf("read %v: %s", found, diags)
				}
			})

			if n := instance.Count("token"); n != 1 {
				t.Errorf("%d token requests, want 1", n)
			}
		})
	}
}

// A list is on its way, with an answer from before the write. The write is not lost.
func TestConcurrent_writeDuringAList(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	var planned [2]*change

	for i := range planned {
		var diags diagnostics

		planned[i], diags = run.plan(workspaceKind, values{"name": fmt.Sprintf("team-%d", i)}, nil)
		wantNone(t, diags)
	}

	// The first create reads itself back, and the answer to that hangs.
	hold, arrived := make(chan struct{}), signal(instance, "workspaces/list")
	instance.Inject(emulator.Fault{Operation: "workspaces/list", Times: 1, Hold: hold, Body: `{"workspaces":[{"id":10,"name":"team-0"}]}`})

	var (
		all   sync.WaitGroup
		first *object
	)

	all.Go(func() {
		var diags diagnostics

		first, diags = run.apply(bg, planned[0])
		if diags.failed() {
			t.Errorf("the first create: %s", diags)
		}
	})

	<-arrived

	second, diags := run.apply(bg, planned[1])
	wantNone(t, diags)
	close(hold)
	all.Wait()
	wantID(t, run, first, 10)
	wantID(t, run, second, instance.WorkspaceID("team-1"))

	// By name first: a workspace of this run that is missed by its id is looked for again.
	_, diags = run.importID(workspaceKind, "team-1")
	wantNone(t, diags)

	for _, made := range []*object{first, second} {
		found, diags := run.read(bg, made)
		wantNone(t, diags)

		if found == nil {
			t.Errorf("lost: %s", made.value)
		}
	}
}

// labelled runs f so that [joined] knows its goroutine.
func labelled(t testing.TB, f func()) {
	pprof.Do(bg, pprof.Labels("test", t.Name()), func(context.Context) { f() })
}

// joined waits until n goroutines of a test wait for a fetch that they share. Only
// their stacks show that: the request is one.
func joined(t testing.TB, n int) {
	t.Helper()

	deadline := time.Now().Add(30 * time.Second)

	for waiting := 0; waiting < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines wait for the shared fetch, want %d", waiting, n)
		}

		var profile strings.Builder
		if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
			t.Fatal(err)
		}

		waiting = 0

		_, groups, _ := strings.Cut(profile.String(), "\n")
		for group := range strings.SplitSeq(groups, "\n\n") {
			var same int
			if strings.Contains(group, fmt.Sprintf("%q", t.Name())) && strings.Contains(group, "]).load+") {
				_, err := fmt.Sscanf(group, "%d @", &same)
				if err != nil {
					t.Fatalf("not a group of goroutines: %s", group)
				}
			}

			waiting += same
		}
	}
}

// Reads share one list. One of them is cancelled, whether it is the one that has sent
// the request or another, and the rest are not.
func TestConcurrent_cancelledReader(t *testing.T) {
	t.Parallel()

	const others = 3

	for name, cancelFirst := range map[string]bool{"the first": true, "a later one": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			prior := imported(t, instance, "8")
			run := start(t, instance)

			hold, arrived := make(chan struct{}), signal(instance, "workspaces/list")
			instance.Inject(emulator.Fault{Operation: "workspaces/list", Hold: hold})

			ctx, cancel := context.WithCancel(bg)
			defer cancel()

			var (
				all       sync.WaitGroup
				cancelled = make(chan struct{})
			)

			read := func() {
				found, diags := run.read(bg, prior)
				if len(diags) > 0 || found == nil {
					t.Errorf("found %v: %s", found, diags)
				}
			}
			readCancelled := func() {
				defer close(cancelled)

				_, diags := run.read(ctx, prior)
				if len(diags) != 1 || !strings.Contains(diags[0].Detail, "cancelled") {
					t.Errorf("the cancelled reader: %s", diags)
				}
			}

			first, last := read, readCancelled
			if cancelFirst {
				first, last = readCancelled, read
			}

			all.Go(func() { labelled(t, first) })
			<-arrived

			for range others {
				all.Go(func() { labelled(t, read) })
			}

			all.Go(func() { labelled(t, last) })
			joined(t, others+2)
			cancel()
			<-cancelled
			close(hold)
			all.Wait()
			wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
		})
	}
}

// Two runs create one name, and both have looked before either creates.
func TestConcurrent_twoRunsOfOneName(t *testing.T) {
	t.Parallel()

	for _, status := range []int{http.StatusBadRequest, http.StatusInternalServerError} {
		for _, adopt := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d, adopt %v", status, adopt), func(t *testing.T) {
				t.Parallel()

				instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNameStatus: status}})
				config := values{"name": "team-a", "adopt_existing": adopt}

				var both sync.WaitGroup

				both.Add(2)
				instance.SetOnRequest(func(request emulator.Request) {
					if request.Operation == "workspaces/create" {
						both.Done()
						both.Wait()
					}
				})

				var (
					runs    [2]*core
					planned [2]*change
					made    [2]*object
					diags   [2]diagnostics
				)

				for i := range runs {
					runs[i] = start(t, instance)
					planned[i], diags[i] = runs[i].plan(workspaceKind, config, nil)
					wantNone(t, diags[i])
				}

				atOnce(2, func(i int) { made[i], diags[i] = runs[i].apply(bg, planned[i]) })

				won := 0
				if made[0] == nil {
					won = 1
				}

				wantNone(t, diags[won])
				wantID(t, runs[won], made[won], 10)
				wantGone(t, made[1-won])
				wantError(t, diags[1-won], summaryNameInUse, `"team-a"`, "ID 10", "import {", "adopt_existing")

				if n := len(instance.Workspaces()); n != 7 || instance.Count("workspaces/create") != 2 {
					t.Errorf("%d workspaces after %d creates", n, instance.Count("workspaces/create"))
				}

				start(t, instance).wantEmptyPlan(config, made[won])
			})
		}
	}
}

// Two runs set the members of one workspace: both end with what they wanted in place.
func TestConcurrent_twoRunsOfOneMember(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"}

	var (
		runs    [2]*core
		planned [2]*change
	)

	for i := range runs {
		var diags diagnostics

		runs[i] = start(t, instance)
		planned[i], diags = runs[i].plan(userKind, config, nil)
		wantNone(t, diags)
	}

	atOnce(2, func(i int) {
		made, diags := runs[i].apply(bg, planned[i])
		if made == nil || len(diags) > 0 {
			t.Errorf("run %d made %v: %s", i, made, diags)
		}
	})

	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Owner})
}

// The run is cancelled while it adds a member. The add ends all the same: it is in the
// state, or the next apply finds it and sends nothing.
func TestConcurrent_cancelledAdd(t *testing.T) {
	t.Parallel()

	for kind, config := range map[string]values{
		userKind + ", collaborator": {"workspace_id": 8, "email": emulator.HansarickEmail},
		userKind + ", owner":        {"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"},
		exclusiveKind:               {"workspace_id": 8, "owners": []string{emulator.HummelEmail, emulator.HansarickEmail}},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			kind, _, _ := strings.Cut(kind, ",")
			instance := guide(t)
			run := start(t, instance)
			planned, diags := run.plan(kind, config, nil)
			wantNone(t, diags)

			hold, arrived := make(chan struct{}), signal(instance, "workspaces/add_user")
			instance.Inject(emulator.Fault{Operation: "workspaces/add_user", Hold: hold})

			ctx, cancel := context.WithCancel(bg)
			go func() {
				<-arrived
				cancel()
				close(hold)
			}()

			made, diags := run.apply(ctx, planned)
			if _, ok := instance.Members(8)[emulator.HansarickID]; !ok {
				t.Error("the add did not end")
			}

			switch {
			case made == nil:
				if !diags.failed() || !saysWhatNext(diags.errors()[0].Detail) {
					t.Errorf("nothing in the state: %s", diags)
				}

				instance.ResetRequests()

				made = start(t, instance).create(kind, config)

				if n := instance.Count("workspaces/add_user"); n != 0 {
					t.Errorf("%d more adds", n)
				}
			case made.tainted:
				t.Errorf("tainted: %s", diags)
			}

			start(t, instance).wantEmptyPlan(config, made)
		})
	}
}

// stages are the configurations of one object of each kind: it is created, then
// updated in place.
var stages = map[string][2]values{
	workspaceKind: {{"name": "team-a"}, {"name": "team-a", "deletion_policy": "ABANDON"}},
	userKind:      {{"workspace_id": 8, "email": emulator.HansarickEmail}, {"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"}},
	exclusiveKind: {
		{"workspace_id": 8, "owners": []string{emulator.HummelEmail}},
		{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickEmail}},
	},
}

var importIDs = map[string]string{workspaceKind: "team-a", userKind: "8/" + emulator.HansarickEmail, exclusiveKind: "8"}

// A CLI that knows no identities sends none, in no call. It gets one back each time,
// which the core of these tests checks.
func TestProtocol_oldCLI(t *testing.T) {
	t.Parallel()

	for kind, stage := range stages {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			run := func() *core {
				c := start(t, instance)
				c.old = true

				return c
			}

			made := run().create(kind, stage[0])
			run().wantEmptyPlan(stage[0], made)

			c := run()
			planned, diags := c.plan(kind, stage[1], made)
			wantNoError(t, diags)

			if planned.replace || planned.isEmpty() {
				t.Fatalf("not a change in place: %s", planned.planned)
			}

			made, diags = c.apply(bg, planned)
			wantNone(t, diags)
			run().wantEmptyPlan(stage[1], made)

			found, diags := run().importID(kind, importIDs[kind])
			wantNone(t, diags)

			if kind != workspaceKind { // an import does not tell the policy
				run().wantEmptyPlan(stage[1], found)
			}

			c = run()
			wantNoError(t, c.planDestroy(found))

			left, diags := c.destroy(bg, found)
			wantNoError(t, diags)
			wantGone(t, left)

			// What has gone without Terraform.
			place := int64(8)
			if kind == workspaceKind {
				place = c.number(made, "id")
			}

			instance.HideWorkspace(place, true)

			gone, diags := run().read(bg, made)
			wantWarning(t, diags, "Workspace no longer accessible")
			wantGone(t, gone)
		})
	}
}

// A plan right after an import, with no read between them, has nothing to do.
func TestProtocol_importWithoutRead(t *testing.T) {
	t.Parallel()

	for kind, stage := range stages {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			start(t, instance).create(kind, stage[0])

			run := start(t, instance)

			resp, err := run.server.ImportResourceState(bg, &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: importIDs[kind]})
			run.must(err)
			wantNone(t, resp.Diagnostics)

			found := resp.ImportedResources[0]
			run.checkIdentity(kind, found.Identity)

			prior := &object{kind: kind, value: run.decode(run.typeOf(kind), found.State), private: found.Private, identity: found.Identity}
			for name, value := range run.fields(prior.value) {
				if !value.IsFullyKnown() {
					t.Errorf("%s is not known", name)
				}
			}

			planned, diags := run.plan(kind, stage[0], prior)
			wantNone(t, diags)

			if !planned.isEmpty() {
				t.Errorf("plan is not empty: %s", planned.planned)
			}
		})
	}
}

// Every attribute may come from something that is not applied yet: each alone and all
// together, for a new object and for one that is there, and with a provider that is
// not configured yet. A plan that meets that never fails.
func TestProtocol_unknownsEverywhere(t *testing.T) {
	t.Parallel()

	for kind, stage := range stages {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			made := start(t, instance).create(kind, stage[0])
			unconfigured, diags := configured(t, values{"endpoint": unknown}, nil)
			wantNone(t, diags)

			all := values{}
			variants := map[string]values{}
			run := start(t, instance)

			for _, attribute := range run.schema.ResourceSchemas[kind].Block.Attributes {
				if !attribute.Optional && !attribute.Required {
					continue
				}

				all[attribute.Name] = unknown
				variants[attribute.Name] = with(stage[1], values{attribute.Name: unknown})
			}

			variants["all"] = all

			if kind == exclusiveKind {
				variants["an element"] = with(stage[1], values{"owners": []any{emulator.HummelEmail, unknown}})
			}

			for name, config := range variants {
				for _, c := range []*core{run, unconfigured} {
					for _, prior := range []*object{nil, made} {
						if kind == workspaceKind && prior == nil && c == run && name != "all" && name != "name" {
							continue // the name is taken: an error that is right
						}

						planned, diags := c.planValue(kind, c.value(c.typeOf(kind), elements(config)), prior)
						if diags.failed() {
							t.Errorf("%s unknown, prior %v: %s", name, prior != nil, diags)
						}

						if !diags.failed() && planned == nil {
							t.Errorf("%s unknown: no plan", name)
						}
					}
				}
			}
		})
	}
}

// elements turns lists with unknown elements into values.
func elements(config values) values {
	converted := values{}

	for name, value := range config {
		list, ok := value.([]any)
		if !ok {
			converted[name] = value

			continue
		}

		var members []tftypes.Value
		for _, element := range list {
			members = append(members, convert(tftypes.String, element))
		}

		converted[name] = members
	}

	return converted
}

// planValue is plan for a configuration that is a value already.
func (c *core) planValue(kind string, config tftypes.Value, prior *object) (*change, diagnostics) {
	c.t.Helper()

	resp, err := c.server.ValidateResourceConfig(bg, &tfprotov6.ValidateResourceConfigRequest{TypeName: kind, Config: c.encode(config)})
	c.must(err)

	if diagnostics(resp.Diagnostics).failed() {
		return nil, resp.Diagnostics
	}

	return c.planOnce(kind, config, prior)
}

// A state that version 0 of the schema has written; the other kinds have theirs beside
// the tests of the workspace.
func TestUpgradeResourceState_exclusiveVersion0(t *testing.T) {
	t.Parallel()

	const recorded = `{"collaborators":["57d61aed-3058-4327-9e65-a5d39a9718c0"],"owners":["john.hummel@wallaroo.ai"],"workspace_id":8}`

	run := newCore(t)

	resp, err := run.server.UpgradeResourceState(bg, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: exclusiveKind, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(recorded)},
	})
	run.must(err)
	wantNone(t, resp.Diagnostics)

	want := run.value(run.typeOf(exclusiveKind), values{
		"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickID},
	})
	if got := run.decode(run.typeOf(exclusiveKind), resp.UpgradedState); !got.Equal(want) {
		t.Errorf("upgraded to %s, want %s", got, want)
	}

	// What a run goes on from is that state alone, without private data or identity.
	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)

	prior := &object{kind: exclusiveKind, value: run.decode(run.typeOf(exclusiveKind), resp.UpgradedState)}
	start(t, instance).wantEmptyPlan(values{
		"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickID},
	}, prior)
}

// authority signs certificates of servers.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func newAuthority(t testing.TB) *authority {
	t.Helper()

	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}

	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}

	parsed, err := x509.ParseCertificate(signed)
	if err != nil {
		t.Fatal(err)
	}

	return &authority{parsed, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}))}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}

	return key
}

// serve puts a handler behind TLS, with a certificate of this authority for a name, or
// for an address, until then.
func (a *authority) serve(t testing.TB, handler http.Handler, name string, until time.Time) string {
	t.Helper()

	key := newKey(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until}

	if address := net.ParseIP(name); address != nil {
		template.IPAddresses = []net.IP{address}
	} else {
		template.DNSNames = []string{name}
	}

	signed, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}

	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{signed}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)

	return server.URL
}

// The certificates of the API and of the identity provider are each looked at: who signed
// them, for whom, and until when.
func TestTLS_certificates(t *testing.T) {
	t.Parallel()

	const here = "127.0.0.1"

	instance := guide(t)
	one, other := newAuthority(t), newAuthority(t)
	soon, ago := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "wallaroo.example.com"
		instance.ServeHTTP(w, r)
	})
	good, foreign := one.serve(t, handler, here, soon), other.serve(t, handler, here, soon)
	misnamed, expired := one.serve(t, handler, "wallaroo.example.com", soon), one.serve(t, handler, here, ago)

	for name, c := range map[string]struct {
		api, auth, trusted string
		words              []string
	}{
		"one authority":               {good, good, one.pem, nil},
		"two authorities":             {good, foreign, one.pem + other.pem, nil},
		"API of an unknown one":       {foreign, good, one.pem, []string{"no answer from " + strings.TrimPrefix(foreign, "https://"), "unknown authority", "ca_certificate"}},
		"login of an unknown one":     {good, foreign, one.pem, []string{"no answer from " + strings.TrimPrefix(foreign, "https://"), "unknown authority", "ca_certificate"}},
		"API under another name":      {misnamed, good, one.pem, []string{"POST /v1/api", "x509", here}},
		"login under another name":    {good, misnamed, one.pem, []string{"POST /auth", "x509", here}},
		"API of an expired one":       {expired, good, one.pem, []string{"POST /v1/api", "expired"}},
		"login of an expired one":     {good, expired, one.pem, []string{"POST /auth", "expired"}},
		"only the system's are known": {good, good, "", []string{"unknown authority", "ca_certificate"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			block := with(signedIn(instance), values{"endpoint": c.api, "auth_endpoint": c.auth})
			if c.trusted != "" {
				block["ca_certificate"] = c.trusted
			}

			run, diags := configured(t, block, nil)
			wantNone(t, diags)

			diags = run.ask()
			if c.words == nil {
				wantNone(t, diags)
			} else {
				wantError(t, diags, summaryList, c.words...)
			}
		})
	}
}

// A refused certificate is final: it is not tried again, and nothing is sent.
func TestTLS_refusedOnce(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	a := newAuthority(t)
	connections := 0

	var mu sync.Mutex

	server := httptest.NewUnstartedServer(instance.Server)
	server.Config.ErrorLog = quiet
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			defer mu.Unlock()

			connections++
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)

	run, diags := configured(t, with(signedIn(instance), values{"endpoint": server.URL, "ca_certificate": a.pem}), nil)
	wantNone(t, diags)
	wantError(t, run.ask(), summaryList, "unknown authority")
	wantNoRequests(t, instance)

	mu.Lock()
	defer mu.Unlock()

	if connections != 1 {
		t.Errorf("%d connections, want 1", connections)
	}
}

func TestTLS_speaksHTTP2(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	a := newAuthority(t)

	var protocols sync.Map

	url := a.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols.Store(r.URL.Path, fmt.Sprintf("%s, TLS at least 1.2: %v", r.Proto, r.TLS.Version >= tls.VersionTLS12))
		instance.ServeHTTP(w, r)
	}), "127.0.0.1", time.Now().Add(time.Hour))

	run, diags := configured(t, with(signedIn(instance), values{"endpoint": url, "ca_certificate": a.pem}), nil)
	wantNone(t, diags)
	wantNone(t, run.ask())

	for _, path := range []string{tokenPath, "/v1/api/workspaces/list"} {
		if got, _ := protocols.Load(path); got != "HTTP/2.0, TLS at least 1.2: true" {
			t.Errorf("%s: %v", path, got)
		}
	}
}
