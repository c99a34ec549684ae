package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	summaryConflictingCredentials = "Conflicting Wallaroo credentials"
	summaryIncompleteCredentials  = "Incomplete Wallaroo credentials"
	summaryMissingCredentials     = "Missing Wallaroo credentials"
	summaryBadCredentialsFile     = "Unable to read the Wallaroo credentials file"
	summaryUnreadableFile         = "Unable to read a file of the provider settings"
)

// givenCredentials are the credentials as they were given, before it is clear that
// they make sense together.
type givenCredentials struct {
	values map[string]string // by attribute; only what was given
	// inBlock is true when the provider block names a credential. Then the
	// environment is not asked for any, so that two accounts cannot get mixed.
	inBlock    bool
	hasUnknown bool
}

// credentials collects what is given. A client_id alone names no credential.
func (r reader) credentials(model providerModel) givenCredentials {
	block := map[string]types.String{
		attrToken: model.Token, attrUsername: model.Username, attrPassword: model.Password,
		attrClientID: model.ClientID, attrClientSecret: model.ClientSecret, attrCredentialsFile: model.CredentialsFile,
	}
	given := givenCredentials{values: map[string]string{}}

	for attribute, value := range block {
		given.inBlock = given.inBlock || attribute != attrClientID && !value.IsNull()
		given.hasUnknown = given.hasUnknown || value.IsUnknown()
	}

	for attribute, value := range block {
		text := value.ValueString()
		if value.IsNull() && !given.inBlock {
			text = r.getenv(variables[attribute])
		}

		if text != "" {
			given.values[attribute] = text
		}
	}

	return given
}

func (g givenCredentials) has(attribute string) bool { return g.values[attribute] != "" }

// check reports credentials that contradict each other or lack a part. It is true
// when they are whole.
func (g givenCredentials) check(diags *diag.Diagnostics) bool {
	for _, whole := range []string{attrToken, attrCredentialsFile} {
		others := slices.DeleteFunc(g.secrets(), func(attribute string) bool { return attribute == whole })
		if g.has(whole) && len(others) > 0 {
			diags.AddAttributeError(path.Root(whole), summaryConflictingCredentials, fmt.Sprintf(
				"%s is a whole credential, but there is %s too, so it is not clear which account is meant. Give one of them only.",
				label(whole), labels(others)))

			return false
		}
	}

	switch {
	case g.has(attrToken), g.has(attrCredentialsFile):
		return true
	case g.has(attrUsername) != g.has(attrPassword):
		return g.lacks(attrUsername, attrPassword, diags)
	case g.has(attrUsername):
		return true
	case g.has(attrClientID) != g.has(attrClientSecret):
		return g.lacks(attrClientID, attrClientSecret, diags)
	case g.has(attrClientSecret):
		return true
	default:
		diags.AddError(summaryMissingCredentials, "The provider does not know how to sign in. "+waysToSignIn())

		return false
	}
}

// secrets are the given attributes that name an account or prove it.
func (g givenCredentials) secrets() []string {
	return slices.DeleteFunc(
		[]string{attrToken, attrUsername, attrPassword, attrClientSecret, attrCredentialsFile},
		func(attribute string) bool { return !g.has(attribute) })
}

// lacks reports which of two attributes is missing beside the other.
func (g givenCredentials) lacks(one, other string, diags *diag.Diagnostics) bool {
	given, missing := one, other
	if g.has(other) {
		given, missing = other, one
	}

	text := fmt.Sprintf("%s is given, but %s is not.", label(given), label(missing))
	if g.inBlock {
		text += " The provider block names a credential, so none is taken from the environment."
	}

	diags.AddAttributeError(path.Root(missing), summaryIncompleteCredentials, text+"\n\n"+waysToSignIn())

	return false
}

func waysToSignIn() string {
	return "Give one of these, in the provider block or in the environment:\n\n" +
		"- a user: " + labels([]string{attrUsername, attrPassword}) + ", and " + label(attrClientSecret) + " if the instance asks for it;\n" +
		"- a client: " + labels([]string{attrClientID, attrClientSecret}) + ";\n" +
		"- an access token: " + label(attrToken) + ";\n" +
		"- the SDK's credentials file: " + label(attrCredentialsFile) + "."
}

func labels(attributes []string) string {
	words := make([]string, len(attributes))
	for i, attribute := range attributes {
		words[i] = label(attribute)
	}

	return strings.Join(words, " and ")
}

// resolve turns whole credentials into the client's.
func (g givenCredentials) resolve(diags *diag.Diagnostics) wallaroo.Credentials {
	if file := g.values[attrCredentialsFile]; file != "" {
		return readCredentialsFile(file, g.values[attrClientID], diags)
	}

	if g.has(attrToken) {
		return wallaroo.Credentials{Token: g.values[attrToken]} // a client_id beside it has no use
	}

	return wallaroo.Credentials{
		Username:     g.values[attrUsername],
		Password:     g.values[attrPassword],
		ClientID:     g.values[attrClientID],
		ClientSecret: g.values[attrClientSecret],
	}
}

// readCredentialsFile reads the JSON that Wallaroo's SDK reads. A client named in
// the file goes before clientID. Messages never show the file's content.
func readCredentialsFile(file, clientID string, diags *diag.Diagnostics) wallaroo.Credentials {
	content, err := os.ReadFile(file)
	if err != nil {
		diags.AddAttributeError(path.Root(attrCredentialsFile), summaryBadCredentialsFile,
			fmt.Sprintf("%s names a file that cannot be read: %v.", label(attrCredentialsFile), err))

		return wallaroo.Credentials{}
	}

	credentials, err := parseCredentials(content)
	if err != nil {
		diags.AddAttributeError(path.Root(attrCredentialsFile), summaryBadCredentialsFile,
			fmt.Sprintf("The file %q named by %s cannot be used: %v.", file, label(attrCredentialsFile), err))
	}

	switch {
	case credentials.Token != "":
		return wallaroo.Credentials{Token: credentials.Token}
	case credentials.ClientID == "":
		credentials.ClientID = clientID
	}

	return credentials
}

func parseCredentials(content []byte) (wallaroo.Credentials, error) {
	var file struct {
		Username             string `json:"username"`
		Password             string `json:"password"`
		Token                string `json:"token"`
		ConfidentialClient   string `json:"confidentialClient"`
		ConfidentialPassword string `json:"confidentialPassword"`
	}

	// The decoder's own words could quote a secret.
	if json.Unmarshal(content, &file) != nil {
		return wallaroo.Credentials{}, fmt.Errorf("it is not a JSON object with text values")
	}

	hasUser := file.Username != "" && file.Password != ""

	switch {
	case (file.Username == "") != (file.Password == ""):
		return wallaroo.Credentials{}, fmt.Errorf("it needs both `username` and `password`")
	case file.Token != "" && hasUser:
		return wallaroo.Credentials{}, fmt.Errorf("it holds both a `token` and a user, so it is not clear which is meant")
	case file.Token == "" && !hasUser:
		return wallaroo.Credentials{}, fmt.Errorf("it needs `username` and `password`, or `token`")
	case file.ConfidentialClient == "" && file.ConfidentialPassword != "", file.ConfidentialClient != "" && file.ConfidentialPassword == "":
		return wallaroo.Credentials{}, fmt.Errorf("it needs both `confidentialClient` and `confidentialPassword`, or neither")
	}

	return wallaroo.Credentials{
		Token:        file.Token,
		Username:     file.Username,
		Password:     file.Password,
		ClientID:     file.ConfidentialClient,
		ClientSecret: file.ConfidentialPassword,
	}, nil
}

// pem reads a setting that is PEM text or the path of a PEM file.
func (r reader) pem(attribute string, value types.String) []byte {
	text := r.text(attribute, value)
	if text == "" {
		return nil
	}

	if strings.Contains(text, "-----BEGIN") {
		return []byte(text)
	}

	content, err := os.ReadFile(text)
	if err != nil {
		// What was meant as PEM text must not be printed: it may be a key.
		r.diags.AddAttributeError(path.Root(attribute), summaryUnreadableFile, fmt.Sprintf(
			"%s is neither PEM text (-----BEGIN ...) nor the path of a file that can be read. Check the path and its permissions.", label(attribute)))

		return nil
	}

	if len(content) == 0 {
		r.diags.AddAttributeError(path.Root(attribute), summaryUnreadableFile, fmt.Sprintf("%s names a file that is empty. Give PEM text, or the path of a PEM file.", label(attribute)))

		return nil
	}

	return content
}
