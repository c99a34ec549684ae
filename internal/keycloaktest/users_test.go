//go:build keycloak

package keycloaktest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// userCase is a read of the users in the admin API; {id} stands for the id of the case's user.
type userCase struct {
	place string
	// token stands for the access token unless it is set; "none" sends none.
	token string
	then  func(in instance, t *testing.T, userID string)
	// want are the user names in the answer, or the error.
	status int
	want   string
}

const usersPath = "/auth/admin/realms/master/users"

func userCases(name string) map[string]userCase {
	part := strings.TrimPrefix(name, "re")
	return map[string]userCase{
		"by e-mail":       {place: "?email=" + name, status: 200, want: name},
		"in another case": {place: "?email=" + strings.ToUpper(name), status: 200, want: name},
		"exact":           {place: "?email=" + strings.ToUpper(name) + "&exact=true", status: 200, want: name},
		"part":            {place: "?email=" + part, status: 200, want: name},
		"part, exact":     {place: "?email=" + part + "&exact=true", status: 200},
		"by user name":    {place: "?username=" + name, status: 200, want: name},
		"both":            {place: "?username=" + name + "&email=" + name, status: 200, want: name},
		"contradiction":   {place: "?username=admin&email=" + name, status: 200},
		"first page":      {place: "?email=" + name + "&first=0&max=1", status: 200, want: name},
		"second page":     {place: "?email=" + name + "&first=1&max=1", status: 200},
		"nobody":          {place: "?email=nobody@example.com", status: 200},
		"service account": {place: "?email=service-account-api-client", status: 200},
		"by id":           {place: "/{id}", status: 200, want: name},
		"unknown id":      {place: "/00000000-0000-4000-8000-000000000000", status: 404, want: "User not found"},
		"no id":           {place: "/x", status: 404, want: "User not found"},
		"without a token": {place: "?email=" + name, token: "none", status: 401, want: "HTTP 401 Unauthorized"},
		"with garbage":    {place: "?email=" + name, token: "x", status: 401, want: "HTTP 401 Unauthorized"},
	}
}

// checkUserCases runs the table against a Keycloak, and against an emulator.
func checkUserCases(t *testing.T, k *server) {
	serial := 0
	for title := range userCases("") {
		serial++
		name := fmt.Sprintf("reader-%d@example.com", serial)
		c := userCases(name)[title]
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			c.check(t, k, name)
		})
	}
}

// check asks a Keycloak and an emulator.
func (c userCase) check(t *testing.T, k *server, name string) {
	t.Helper()
	e := emulatortest.Start(t, emulator.Options{BadPasswordStatus: k.badPassword})
	genuine := c.ask(t, k, k.url, name)
	emulation := c.ask(t, emulated{e}, e.URL, name)
	if got := fmt.Sprint(genuine.Status, " ", genuine.Words); got != fmt.Sprint(c.status, " ", c.want) {
		t.Errorf("Keycloak answers %s, want %d %s", got, c.status, c.want)
	}
	if diff := cmp.Diff(genuine, emulation); diff != "" {
		t.Errorf("the emulator differs (-Keycloak +emulator):\n%s", diff)
	}
}

type userReply struct {
	Status int
	// Words are the user names or the error.
	Words string
	// Fields are those of each user that every version has.
	Fields [][]string
}

func (c userCase) ask(t *testing.T, in instance, base, name string) userReply {
	t.Helper()
	id := in.addUser(t, emulator.User{Username: name, Email: name})
	login := tokenCase{form: bySDK + signIn}.send(t, base, strings.NewReplacer("{user}", name))
	token, _ := parse[object](t, login.Body)["access_token"].(string)
	if c.then != nil {
		c.then(in, t, id)
	}
	request := newRequest(t, http.MethodGet, base+usersPath+strings.ReplaceAll(c.place, "{id}", id), nil)
	switch c.token {
	case "":
		request.Header.Set("Authorization", "Bearer "+token)
	case "none":
	default:
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer := do(t, request)
	got := userReply{Status: answer.Status}
	var users []object
	if json.Unmarshal(answer.Body, &users) != nil {
		users = []object{parse[object](t, answer.Body)}
	}
	var words []string
	for _, user := range users {
		if text, ok := user["error"].(string); ok {
			words = append(words, text)
			continue
		}
		words = append(words, fmt.Sprint(user["username"]))
		var fields []string
		for field := range user {
			// What a user may be done to, and how it is shown, differs by version.
			if !slices.Contains([]string{"access", "userProfileMetadata"}, field) {
				fields = append(fields, fmt.Sprintf("%s %T", field, user[field]))
			}
		}
		slices.Sort(fields)
		got.Fields = append(got.Fields, fields)
	}
	got.Words = strings.Join(words, " ")
	return got
}
