package provider_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// faultTable says what comes of each fault in each call of the API: if it strikes
// once, and, behind the slash, if it strikes for ever, where that differs.
//
//	=N  survived: the outcome is as if nothing had happened
//	~N  the response to a create was lost, its outcome was found: one warning
//	-N  it goes on without the user directory, and says nothing
//	?N  one warning, and the state is kept
//	!N  one error, and all is as before
//	.   does not occur
//
// N is how often the call was sent, and * that it is not counted, because others are
// refused beside it. The provider may retry twice. A fault strikes before the work is
// done unless its name says otherwise, and then the answer does not show it.
const faultTable = `
                     list   list_users query  create add    remove token

refused              =2/!3  =2/!3      =2/-3  =2/!3  =*/!*  =2/!3  =2/!3
cut                  =2/!3  =2/!3      =2/-3  !1     =2/!5  =2/!5  =2/!3
cut-after            .      .          .      ~1     =1     =1     .
hang                 =2/!3  =2/!3      =2/-3  !1     =2/!5  =2/!5  =2/!3
hang-after           .      .          .      ~1     =1     =1     .
slow-body-after      =2/!3  =2/!3      =2/-3  ~1     =1     =1     =2/!3
truncated-after      =2/!3  =2/!3      =2/-3  ~1     =1     =1     =2/!3

302                  !1     !1         -1     !1     !1     !1     !1
307                  !1     !1         -1     !1     !1     !1     !1
308                  !1     !1         -1     !1     !1     !1     !1

400                  !1     !1         -1     !1     !1     !2     !1
401                  =2/!2  =2/!2      =2/-2  =2/!2  =2/!2  =2/!2  !1
403                  !1     !1         -1     !1     !1     !1     !1
404                  !1     !1         -1     !1     !1     !1     !1
405                  !1     !1         -1     !1     !1     !1     !1
409                  !1     !1         -1     !1     !3     !1     !1
422                  !1     !1         -1     !1     !1     !2     !1
429                  =2/!3  =2/!3      =2/?3  =2/!3  =2/!3  =2/!3  =2/!3

500                  !1     !1         -1     !1     !1     !1     !1
500-after            .      .          .      ~1     =1     =1     .
500-without-words    !1     !1         -1     !1     =2/!5  =2/!5  !1
501                  !1     !1         -1     !1     !1     !1     !1
502                  =2/!3  =2/!3      =2/-3  !1     =2/!5  =2/!5  =2/!3
502-after            .      .          .      ~1     =1     =1     .
502-page             =2/!3  =2/!3      =2/-3  !1     =2/!5  =2/!5  =2/!3
503                  =2/!3  =2/!3      =2/?3  !1     =2/!5  =2/!5  =2/!3
503-after            .      .          .      ~1     =1     =1     .
503-Retry-After      =2/!3  =2/!3      =2/?3  =2/!3  =2/!3  =2/!3  =2/!3
504                  =2/!3  =2/!3      =2/-3  !1     =2/!5  =2/!5  =2/!3
504-after            .      .          .      ~1     =1     =1     .

page                 !1     !1         -1     !1     =2/!5  =2/!5  !1
page-after           .      .          .      ~1     =1     =1     .
empty                !1     !1         -1     !1     =2/!5  =2/!5  !1
empty-after          .      .          .      ~1     =1     =1     .
object               !1     !1         -1     !1     .      !2     !1
object-after         .      .          .      ~1     =1     =1     .
null                 !1     !1         -1     !1     =2/!5  =2/!5  !1
null-after           .      .          .      ~1     =1     =1     .
wrong-types          !1     !1         -1     !1     =2/!5  =2/!5  !1
wrong-types-after    .      .          .      ~1     =1     =1     .
error-in-200         !1     !1         -1     !1     =2/!5  =2/!5  !1
error-in-200-after   .      .          .      ~1     =1     =1     .
invalid-UTF-8        !1     !1         -1     !1     =2/!5  =2/!5  !1
invalid-UTF-8-after  .      .          .      ~1     =1     =1     .
duplicates           !1     !1         -1     !1     =2/!5  =2/!5  !1
duplicates-after     .      .          .      ~1     =1     =1     .
4-MiB                !1     !1         -1     !1     =2/!5  =2/!5  !1
4-MiB-after          .      .          .      ~1     =1     =1     .
`

// tableText is what the answers of the table say.
const tableText = "This came from the table."

// fault is how a row of the table misbehaves, and the words by which messages name
// what came.
type fault struct {
	emulator.Fault

	words []string
	// refuses is a fault of the network: nobody listens.
	refuses bool
	// takesTime is true when a request must time out.
	takesTime bool
}

// newFault makes the fault of a row for one call. Redirects lead to elsewhere.
func newFault(t testing.TB, row, column, elsewhere string) fault {
	t.Helper()

	name, after := strings.CutSuffix(row, "-after")
	f := fault{}
	number, variant, _ := strings.Cut(name, "-")
	status, err := strconv.Atoi(number)
	status = max(status, http.StatusOK)

	switch {
	case name == "refused":
		f.refuses, f.words = true, []string{"no answer from", "connection refused"}
	case name == "cut":
		f.Cut, f.words = true, []string{"no answer from"}
	case name == "hang":
		f.Hold, f.takesTime, f.words = make(chan struct{}), true, []string{"timed out after 1 s"}
	case name == "slow-body":
		f.SlowBody, f.takesTime, f.words = 600*time.Millisecond, true, []string{"timed out after 1 s"}
		if column == "add" { // its true answer is too short to be slow
			f.Body = `{"note":"` + tableText + `"}`
		}
	case name == "truncated":
		f.Truncate, f.words = true, []string{"unexpected EOF"}
	case name == "4-MiB":
		f.BodyBytes, f.words = 4<<20, []string{"answered 200 OK"}
	case variant == "page" || name == "page":
		f.Status, f.Body = status, "<html><body>"+tableText+"</body></html>"
		f.Header = http.Header{"Content-Type": {"text/html"}}
		f.words = []string{fmt.Sprintf("a proxy or login page answered %d %s", status, http.StatusText(status))}
	case variant == "without-words":
		f.Status, f.words = status, []string{"500 Internal Server Error"}
	case err == nil && status >= 300 && status < 400:
		f.Status, f.Header = status, http.Header{"Location": {elsewhere + "/v1/api/workspaces/list?key=" + canary}}
		f.words = []string{strconv.Itoa(status), "a redirect to " + strings.TrimPrefix(elsewhere, "http://") + ", which is never followed"}
	case err == nil:
		f.Status, f.Body = status, errorBody(status)
		f.words = []string{fmt.Sprintf("%d %s", status, http.StatusText(status)), tableText}

		if variant == "Retry-After" {
			f.Header = http.Header{"Retry-After": {"5"}}
		}
	default:
		f.Status, f.Body, f.words = http.StatusOK, badBodies[name][column]+badBodies[name][""], badWords[name]
	}

	f.AfterWork = after && !f.Truncate && (f.SlowBody == 0 || f.Body != "")

	return f
}

func errorBody(status int) string {
	return fmt.Sprintf(`{"msg":%q,"code":%d,"error":"server_error","error_description":%q}`, tableText, status, tableText)
}

// badBodies are answers with status 200 by row and call; "" is that of all calls.
var badBodies = map[string]map[string]string{
	"empty":        {},
	"object":       {"": "{}"},
	"null":         {"": "null"},
	"error-in-200": {"": errorBody(http.StatusInternalServerError)},
	"wrong-types": {
		"list":       `{"workspaces":{"8":"clip-demo"}}`,
		"list_users": `{"users":"nobody"}`,
		"query":      `{"users":[]}`,
		"create":     `{"workspace_id":"ten"}`,
		"add":        `[]`, // any object is a good answer
		"remove":     `[]`,
		"token":      `{"access_token":42}`,
	},
	"invalid-UTF-8": {
		"list":       "{\"workspaces\":[{\"id\":8,\"name\":\"clip\xff\"}]}",
		"list_users": "{\"users\":[{\"user_id\":\"\xff\",\"user_type\":\"OWNER\"}]}",
		"query":      "{\"users\":{\"" + emulator.HansarickID + "\":{\"email\":\"\xff\"}}}",
		"create":     "{\"workspace_id\":10,\"\xff\":1}",
		"add":        "{\"\xff\":1}",
		"remove":     "{\"affected_rows\":1,\"\xff\":1}",
		"token":      "{\"access_token\":\"a\xff\"}",
	},
	"duplicates": {
		"list":       `{"workspaces":[{"id":8,"name":"clip-demo"},{"id":8,"name":"clip-demo"}]}`,
		"list_users": `{"users":[{"user_id":"a","user_type":"OWNER"},{"user_id":"a","user_type":"OWNER"}]}`,
		"query":      `{"users":{"a":{},"a":{}}}`,
		"create":     `{"workspace_id":10,"workspace_id":11}`,
		"add":        `{"a":1,"a":2}`,
		"remove":     `{"affected_rows":1,"affected_rows":1}`,
		"token":      `{"access_token":"a","access_token":"b"}`,
	},
}

const undocumented = "200 OK to POST"

var badWords = map[string][]string{
	"empty":         {undocumented, "with an unexpected response: an empty body"},
	"object":        nil, // it is what some instances answer to a removal
	"null":          {undocumented, "with an unexpected response: null"},
	"error-in-200":  {undocumented, "an error object", tableText},
	"wrong-types":   {undocumented, "with an unexpected response"},
	"invalid-UTF-8": {undocumented, "not valid JSON", "UTF-8"},
	"duplicates":    {undocumented, "with an unexpected response"},
}

// faultCall is a column of the table: one call of the API, made by one call of the
// provider for which all else is known already.
type faultCall struct {
	operation string
	kind      string
	config    values
	// exists is true for a call about what is in the state.
	exists bool
	warm   func(x *trial)
	act    func(x *trial) (*object, diagnostics)
	// isDone looks at the instance.
	isDone func(x *trial) bool
}

var faultCalls = map[string]faultCall{
	"list":       {operation: "workspaces/list", kind: workspaceKind, config: demoWorkspace, exists: true, warm: (*trial).signIn, act: (*trial).read},
	"list_users": {operation: "workspaces/list_users", kind: userKind, config: demoMember, exists: true, warm: (*trial).readUsers, act: (*trial).read},
	"query":      {operation: "users/query", kind: userKind, config: demoMember, exists: true, warm: (*trial).planDestroy, act: (*trial).read},
	"create":     {operation: "workspaces/create", kind: workspaceKind, config: values{"name": "team-a"}, warm: (*trial).plan, act: (*trial).apply, isDone: (*trial).hasWorkspace},
	"add":        {operation: "workspaces/add_user", kind: userKind, config: demoMember, warm: (*trial).plan, act: (*trial).apply, isDone: (*trial).hasMember},
	"remove":     {operation: "workspaces/remove_user", kind: userKind, config: demoMember, exists: true, warm: (*trial).planDestroy, act: (*trial).destroy, isDone: (*trial).hasNoMember},
	"token":      {operation: "token", kind: workspaceKind, config: demoWorkspace, exists: true, warm: func(*trial) {}, act: (*trial).read},
}

var (
	demoWorkspace = values{"name": "clip-demo"}
	demoMember    = values{"workspace_id": 8, "email": emulator.HansarickEmail}
)

// trial is one cell of the table under test.
type trial struct {
	t testing.TB
	faultCall

	instance *emulatortest.Instance
	run      *core
	prior    *object
	planned  *change
}

func (x *trial) signIn() {
	_, diags := x.run.readData("wallaroo_current_user", values{})
	wantNone(x.t, diags)
}

// readUsers signs in and reads the directory, which a read asks for beside the members.
func (x *trial) readUsers() {
	_, diags := x.run.readData("wallaroo_users", values{})
	wantNone(x.t, diags)
}

func (x *trial) plan() {
	var diags diagnostics

	x.planned, diags = x.run.plan(x.kind, x.config, nil)
	wantNone(x.t, diags)
}

func (x *trial) planDestroy() { wantNone(x.t, x.run.planDestroy(x.prior)) }

func (x *trial) read() (*object, diagnostics)    { return x.run.read(bg, x.prior) }
func (x *trial) apply() (*object, diagnostics)   { return x.run.apply(bg, x.planned) }
func (x *trial) destroy() (*object, diagnostics) { return x.run.destroy(bg, x.prior) }

func (x *trial) hasWorkspace() bool {
	named := 0

	for _, place := range x.instance.Workspaces() {
		if place.Name == "team-a" {
			named++
		}
	}

	if named > 1 {
		x.t.Errorf("%d workspaces of one name", named)
	}

	return named > 0
}

func (x *trial) hasMember() bool {
	role, ok := x.instance.Members(8)[emulator.HansarickID]
	if ok && role != emulator.Collaborator {
		x.t.Errorf("the member is %s", role)
	}

	return ok
}

func (x *trial) hasNoMember() bool { return !x.hasMember() }

func TestFaultTable(t *testing.T) {
	t.Parallel()

	var timed []func()

	lines := strings.Split(strings.TrimSpace(faultTable), "\n")
	columns := strings.Fields(lines[0])

	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}

		if len(fields) != len(columns)+1 {
			t.Fatalf("not one cell for each call: %s", line)
		}

		for i, cell := range fields[1:] {
			for times, want := range outcomes(cell) {
				name := fmt.Sprintf("%s/%s/%s", fields[0], columns[i], []string{"for ever", "once"}[times])
				cell := func(t *testing.T) { testFault(t, fields[0], columns[i], times, want) }

				if newFault(t, fields[0], columns[i], "").takesTime {
					timed = append(timed, func() { t.Run(name, cell) })

					continue
				}

				t.Run(name, func(t *testing.T) {
					t.Parallel()
					cell(t)
				})
			}
		}
	}

	// Waiting takes no processor: these do not take turns as other tests do.
	var all sync.WaitGroup

	places := make(chan struct{}, 12)

	for _, run := range timed {
		all.Go(func() {
			places <- struct{}{}

			run()
			<-places
		})
	}

	all.Wait()
}

// outcomes are the expected ones by how often the fault strikes, where 0 is for ever.
func outcomes(cell string) map[int]string {
	once, always, differ := strings.Cut(cell, "/")

	switch {
	case cell == ".":
		return nil
	case differ:
		return map[int]string{0: always, 1: once}
	default:
		return map[int]string{0: cell}
	}
}

func testFault(t *testing.T, row, column string, times int, want string) {
	t.Helper()

	var stray atomic.Int32

	elsewhere := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stray.Add(1) }))
	f := newFault(t, row, column, elsewhere)
	x := &trial{
		t: t, faultCall: faultCalls[column],
		// Where a name can be given twice, a second create shows.
		instance: emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNames: true}}),
	}
	gate := newDoor(t, x.instance)
	x.instance.URL = gate.url
	x.setUp()

	block := with(signedIn(x.instance), values{"max_retries": 2})

	if f.takesTime {
		block["request_timeout"] = 1
	}

	var waits atomic.Int32

	x.run = newCore(t, provider.WithSleep(func(ctx context.Context, d time.Duration) error {
		// Only the waits before another attempt are random.
		if d%time.Millisecond != 0 {
			waits.Add(1)

			if f.refuses && times == 1 {
				gate.open()
			}
		}

		return ctx.Err()
	}))
	wantNone(t, x.run.configure(block))
	x.warm(x)
	x.instance.ResetRequests()

	heal := gate.open

	if f.refuses {
		gate.shut()
	} else {
		f.Operation, f.Times = x.operation, times
		heal = x.instance.Inject(f.Fault)
	}

	object, diags := x.act(x)
	sent := x.instance.Count(x.operation)

	if f.refuses {
		sent = int(waits.Load()) + 1 // nobody was there to count
	}

	if got := fmt.Sprintf("%c%d", want[0], sent); got != want && want[1:] != "*" {
		t.Errorf("the call was sent %d times, want %s", sent, want[1:])
	}

	if n := stray.Load(); n != 0 {
		t.Errorf("%d requests went to another host", n)
	}

	wantNowhere(t, diags, canary)
	x.check(want[0], f, object, diags)
	heal()
	x.recover(object)
}

// setUp brings about what the call is about, in a run of its own.
func (x *trial) setUp() {
	switch {
	case !x.exists:
	case x.kind == workspaceKind:
		x.prior = imported(x.t, x.instance, "8")
	default:
		x.prior = start(x.t, x.instance).create(x.kind, x.config)
	}
}

func (x *trial) check(code byte, f fault, o *object, diags diagnostics) {
	x.t.Helper()

	done := true

	switch code {
	case '=', '-':
		wantNone(x.t, diags)
	case '~':
		wantWarning(x.t, diags, "Workspace was created although the response was lost", f.words...)
	case '?':
		wantWarning(x.t, diags, "Email was not refreshed", f.words...)
		x.wantNextStep(diags)
	case '!':
		done = false

		if len(diags) != 1 {
			x.t.Fatalf("want one error and nothing else, got: %s", diags)
		}

		wantError(x.t, diags, diags[0].Summary, f.words...)
		x.wantNextStep(diags)
	}

	if x.isDone == nil {
		x.wantKept(o)

		return
	}

	if x.isDone(x) != done {
		x.t.Errorf("on the instance, done is %v", !done)
	}

	switch {
	case x.exists && !done:
		x.wantKept(o)
	case (o != nil) != (done && !x.exists):
		x.t.Errorf("in the state: %v", o)
	case o != nil && o.tainted:
		x.t.Errorf("tainted: %s", o.value)
	}
}

func (x *trial) wantNextStep(diags diagnostics) {
	x.t.Helper()

	if detail := diags[0].Detail; !saysWhatNext(detail) && !strings.Contains(detail, "set `endpoint`") {
		x.t.Errorf("no next step: %s", diags)
	}
}

func (x *trial) wantKept(o *object) {
	x.t.Helper()

	if o == nil || !o.value.Equal(x.prior.value) || o.tainted {
		x.t.Errorf("the state was not kept: %+v, want %s", o, x.prior.value)
	}
}

// recover applies again, without the fault: that must end in what was wanted.
func (x *trial) recover(o *object) {
	x.t.Helper()

	run := start(x.t, x.instance)

	switch {
	case x.operation == "workspaces/remove_user" && o != nil:
		left, diags := run.destroy(bg, o)
		wantNone(x.t, diags)

		if left != nil {
			x.t.Errorf("still in the state: %s", left.value)
		}
	case x.operation == "workspaces/remove_user":
	case o == nil:
		start(x.t, x.instance).wantEmptyPlan(x.config, run.create(x.kind, x.config))
	default:
		run.wantEmptyPlan(x.config, o)
	}

	if x.isDone != nil && !x.isDone(x) {
		x.t.Error("the next apply did not do it")
	}
}

// quiet takes what servers say of connections that were cut on purpose.
var quiet = log.New(io.Discard, "", 0)

// door is where an instance listens. Whoever knocks while it is shut is refused.
type door struct {
	t        testing.TB
	handler  http.Handler
	url      string
	mu       sync.Mutex
	listener net.Listener
}

func newDoor(t testing.TB, instance *emulatortest.Instance) *door {
	t.Helper()

	d := &door{t: t, url: instance.URL, handler: instance.Server}
	d.listen("127.0.0.1:0")
	d.url = "http://" + d.listener.Addr().String()
	t.Cleanup(d.shut)

	return d
}

func (d *door) listen(address string) {
	listener, err := new(net.ListenConfig).Listen(bg, "tcp", address)
	if err != nil {
		d.t.Errorf("listening again: %s", err)

		return
	}

	d.listener = listener
	server := httptest.NewUnstartedServer(d.handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Config.ErrorLog = quiet
	// A connection that stays open would go through a shut door.
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	d.t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
}

func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.listener == nil {
		d.listen(strings.TrimPrefix(d.url, "http://"))
	}
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()

	if d.listener != nil {
		_ = d.listener.Close()
		d.listener = nil
	}
}
