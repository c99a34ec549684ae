package provider_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
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
