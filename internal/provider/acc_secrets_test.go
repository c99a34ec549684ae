package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// accessToken has the form of a signed token, as the identity provider gives them.
var accessToken = regexp.MustCompile(`eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`)

// leaks returns which of the secrets a text holds, as they are or encoded.
func leaks(text string, secrets []string) []string {
	var found []string

	for _, secret := range secrets {
		quoted, _ := json.Marshal(secret)

		for form, spelling := range map[string]string{
			"plain":  secret,
			"URL":    url.QueryEscape(secret),
			"JSON":   strings.Trim(string(quoted), `"`),
			"base64": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="),
		} {
			if strings.Contains(text, spelling) {
				found = append(found, secret+" ("+form+")")
			}
		}
	}

	if token := accessToken.FindString(text); token != "" {
		found = append(found, token)
	}

	return found
}

// everything runs the life of a stack with all logs, and returns what a user could
// come to publish: output, state and plan.
func everything(t *testing.T, f *acctest.Folder) map[string]string {
	t.Helper()

	f.Env = append(f.Env, "TF_LOG=TRACE")
	texts := map[string]string{
		"plan":      f.Run(0, "plan", "-out=p").Output,
		"plan JSON": f.Run(0, "show", "-json", "p").Output,
		"apply":     f.Run(0, "apply", "p").Output,
		"state":     f.Read("terraform.tfstate"),
		"refresh":   f.Run(0, "plan", "-refresh-only").Output,
		"schema":    f.Run(0, "providers", "schema", "-json").Output,
		"destroy":   f.Run(0, "destroy", "-auto-approve").Output,
		"old state": f.Read("terraform.tfstate.backup"),
	}

	// The proof that these are the texts that something could leak into.
	for name, text := range map[string]string{
		"plan": "/v1/api/workspaces/list", "plan JSON": "team-a", "apply": "/v1/api/workspaces/add_user",
		"state": "team-a", "old state": "team-a", "destroy": "workspaces/remove_user",
	} {
		if !strings.Contains(texts[name], text) {
			t.Errorf("%s does not even hold %q", name, text)
		}
	}

	return texts
}

func wantNoLeak(t *testing.T, texts map[string]string, secrets []string) {
	t.Helper()

	for name, text := range texts {
		if found := leaks(text, secrets); len(found) > 0 {
			t.Errorf("%s holds %v", name, found)
		}
	}
}

// secretive is a provider block whose secrets come from files, so that neither plan
// nor variables have to hold them.
const secretive = `
	provider "wallaroo" {
	  client_id     = "api-client"
	  client_secret = file("client_secret")
	  username      = "john.hummel@wallaroo.ai"
	  password      = file("password")

	  headers = {
	    "X-Gateway-Key" = file("header")
	  }
	}
`

func testSecrets(t *testing.T) {
	const (
		password = `canary-pass+word/1&"é`
		header   = "canary-header-2"
	)

	secrets := []string{password, header, emulator.APIClientSecret}
	instance := startWithUsers(t, emulator.Options{})
	instance.SetUserPassword(emulator.HummelID, password)

	f := newFolder(t, instance, secretive+team("team-a", "")+bobInTeam)
	f.Write("client_secret", emulator.APIClientSecret)
	f.Write("password", password)
	f.Write("header", header)

	wantNoLeak(t, everything(t, f), secrets)

	for _, request := range instance.Requests() {
		if request.Header.Get("X-Gateway-Key") != header {
			t.Errorf("%s was sent without the header: %v", request.Operation, request.Header)
		}
	}

	// Failures are reported without the secrets, too.
	echo, err := json.Marshal(map[string]string{"msg": "denied: " + strings.Join(secrets, ", ")})
	if err != nil {
		t.Fatal(err)
	}

	instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusForbidden, Times: 1, Body: string(echo)})

	f.Write("main.tf", secretive+`data "wallaroo_workspaces" "all" {}`)

	failures := map[string]string{"refused": f.Run(1, "plan").Output}

	instance.SetUserPassword(emulator.HummelID, "changed")

	failures["signed out"] = f.Run(1, "plan").Output

	instance.Inject(emulator.Fault{Operation: "token", Cut: true})

	f.Env = append(f.Env, "WALLAROO_MAX_RETRIES=0")
	failures["cut"] = f.Run(1, "plan").Output
	wantNoLeak(t, failures, secrets)

	// The control: the same search finds a planted secret.
	f = newFolder(t, instance, `output "planted" { value = file("password") }`)
	f.Write("password", password)
	f.Apply()

	if len(leaks(f.Read("terraform.tfstate"), secrets)) == 0 {
		t.Error("the search misses a secret in the state")
	}
}

// testSecretToken authenticates with a real token, which is then itself the secret.
func testSecretToken(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	token := fetchToken(t, instance, emulatortest.Username)
	f := newFolder(t, instance, `provider "wallaroo" { token = file("token") }`+team("team-a", "")+bobInTeam)
	f.Write("token", token)

	instance.ResetRequests()
	wantNoLeak(t, everything(t, f), []string{token})
	accWantCount(t, instance, "token", 0)

	instance.RevokeTokens()
	wantNoLeak(t, map[string]string{"revoked": f.Run(1, "apply", "-auto-approve").Output}, []string{token})

	if len(leaks("x"+token, nil)) == 0 {
		t.Error("the search misses a token")
	}
}

func fetchToken(t *testing.T, instance *emulatortest.Instance, username string) string {
	t.Helper()

	form := url.Values{
		"grant_type": {"password"}, "client_id": {emulatortest.PublicClientID},
		"username": {username}, "password": {emulatortest.Password},
	}

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		instance.URL+"/auth/realms/master/protocol/openid-connect/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}

	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")

	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()

	var body struct {
		Token string `json:"access_token"`
	}

	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || body.Token == "" {
		t.Fatalf("no token: %v", err)
	}

	return body.Token
}
