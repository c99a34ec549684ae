package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var predicates = map[string]func(error) bool{
	"authentication": IsAuthentication, "credentials": IsInvalidCredentials, "client": IsInvalidClient,
	"unauthorized": IsUnauthorized, "forbidden": IsForbidden, "not found": IsNotFound, "bad request": IsBadRequest,
	"unavailable": IsUnavailable, "server error": IsServerError, "answer": IsAPIError,
	"ambiguous": IsOutcomeUnknown, "in use": IsNameInUse, "member": IsAlreadyMember, "no directory": IsNoDirectory,
	"unreachable": IsUnreachable, "redirect": IsRedirect, "page": IsWebPage, "unexpected": IsUnexpectedResponse,
}

func TestPredicates(t *testing.T) {
	t.Parallel()

	answer := func(status int, message string) error {
		return &Error{Kind: KindStatus, Status: status, Message: message}
	}
	denied := func(status int, code string) error {
		return &Error{Kind: KindStatus, Authentication: true, Status: status, Code: code, Message: "no"}
	}

	tests := map[string]struct {
		err  error
		want []string
	}{
		"none":                 {nil, nil},
		"another error":        {errors.New("x"), nil},
		"400":                  {answer(400, "x"), []string{"answer", "bad request", "no directory"}},
		"422 without words":    {answer(422, ""), []string{"bad request", "no directory"}},
		"401":                  {answer(401, "x"), []string{"answer", "no directory", "unauthorized"}},
		"403":                  {answer(403, "x"), []string{"answer", "forbidden", "no directory"}},
		"404":                  {answer(404, "x"), []string{"answer", "no directory", "not found"}},
		"405":                  {answer(405, "x"), []string{"answer", "no directory"}},
		"409":                  {answer(409, ""), []string{"in use", "member", "no directory"}},
		"429":                  {answer(429, "x"), []string{"answer", "unavailable"}},
		"500":                  {answer(500, "x"), []string{"answer", "no directory", "server error"}},
		"501":                  {answer(501, "x"), []string{"answer", "no directory", "server error"}},
		"502":                  {answer(502, "x"), []string{"answer", "no directory", "unavailable"}},
		"503":                  {answer(503, ""), []string{"unavailable"}},
		"wrapped":              {fmt.Errorf("x: %w", answer(404, "")), []string{"no directory", "not found"}},
		"ambiguous":            {&Error{Kind: KindTransport, OutcomeUnknown: true}, []string{"ambiguous", "no directory", "unreachable"}},
		"canceled":             {&Error{Kind: KindTransport, Err: context.Canceled}, []string{"unreachable"}},
		"late":                 {&Error{Kind: KindTransport, Err: context.DeadlineExceeded}, []string{"unreachable"}},
		"redirect":             {&Error{Kind: KindRedirect, Status: 302}, []string{"no directory", "redirect"}},
		"page":                 {&Error{Kind: KindHTML, Status: 403}, []string{"no directory", "page"}},
		"busy page":            {&Error{Kind: KindHTML, Status: 503}, []string{"page", "unavailable"}},
		"malformed":            {&Error{Kind: KindMalformed, Status: 200}, []string{"no directory", "unexpected"}},
		"too large":            {&Error{Kind: KindTooLarge, Status: 200}, []string{"no directory", "unexpected"}},
		"wrong password":       {denied(401, "invalid_grant"), []string{"authentication", "credentials"}},
		"unknown client":       {denied(401, "invalid_client"), []string{"authentication", "client"}},
		"grant not allowed":    {denied(400, "unauthorized_client"), []string{"authentication", "client"}},
		"no identity provider": {denied(404, ""), []string{"authentication"}},
		"it is down":           {denied(503, ""), []string{"authentication", "unavailable"}},
		"it failed":            {denied(500, ""), []string{"authentication", "server error"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var got []string

			for _, predicate := range slices.Sorted(maps.Keys(predicates)) {
				if predicates[predicate](test.err) {
					got = append(got, predicate)
				}
			}

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPredicates_words(t *testing.T) {
	t.Parallel()

	for message, want := range map[string]struct{ inUse, member bool }{
		`Uniqueness violation. duplicate key value violates unique constraint "workspace_name_key"`: {true, true},
		"The name is not unique":                     {true, false},
		"Workspace already exists":                   {true, true},
		"name already in use":                        {true, true},
		"ALREADY TAKEN":                              {true, true},
		"User is already a member, no change":        {false, true},
		"user exists":                                {false, true},
		"bob is a member of this workspace":          {false, true},
		"duplicate member":                           {true, true},
		"user does not exist":                        {false, false},
		"no user with this email exists":             {false, false},
		"you are not a member of this workspace":     {false, false},
		"you aren't a member of this workspace":      {false, false},
		"workspace_name must be DNS compliant":       {false, false},
		"unknown field user_type":                    {false, false},
		"members cannot be added to this workspace.": {false, false},
		"": {false, false},
	} {
		for _, status := range []int{400, 422, 500} {
			err := &Error{Kind: KindStatus, Status: status, Message: message}
			if IsNameInUse(err) != want.inUse || IsAlreadyMember(err) != want.member {
				t.Errorf("%d %q: in use %t, member %t; want %+v", status, message, IsNameInUse(err), IsAlreadyMember(err), want)
			}
		}

		for _, err := range []*Error{
			{Kind: KindStatus, Status: 403, Message: message}, {Kind: KindStatus, Status: 503, Message: message},
			{Kind: KindStatus, Status: 400, Message: message, Authentication: true},
			{Status: 500, Message: message, Kind: KindHTML}, {Message: message, Kind: KindTransport}, {Kind: KindStatus, Status: 500, Message: "x", RequestID: message},
		} {
			if IsNameInUse(err) || IsAlreadyMember(err) {
				t.Errorf("%v is taken for a refusal", err)
			}
		}
	}
}
