package provider

import (
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	summaryInvalidSettings         = "Invalid Wallaroo provider settings"
	summaryInvalidEndpoint         = "Invalid Wallaroo endpoint"
	summaryMissingEndpoint         = "Missing Wallaroo endpoint"
	summaryConflictingCredentials  = "Conflicting Wallaroo credentials"
	summaryIncompleteCredentials   = "Incomplete Wallaroo credentials"
	summaryMissingCredentials      = "Missing Wallaroo credentials"
	summaryIncompleteCertificate   = "Incomplete client certificate"
	summaryUnreadableCredentials   = "Unable to read the Wallaroo credentials file"
	summaryUnreadableFile          = "Unable to read a file of the provider settings"
	summaryCertificatesNotVerified = "Certificates are not verified"
)

// source is where credentials come from.
type source int

const (
	fromEnvironment source = iota
	fromBlock
	fromUnknown
)

// credentials returns the credentials of the block, or else those of the environment:
// as a group, so that two accounts cannot get mixed. A client_id alone names no
// account.
func (s settings) credentials() (wallaroo.Credentials, source) {
	var (
		found wallaroo.Credentials
		from  source
	)

	values := []struct {
		attribute string
		value     types.String
		field     *string
	}{
		{attrToken, s.block.Token, &found.Token},
		{attrUsername, s.block.Username, &found.Username},
		{attrPassword, s.block.Password, &found.Password},
		{attrClientSecret, s.block.ClientSecret, &found.ClientSecret},
		{attrCredentialsFile, s.block.CredentialsFile, &found.File},
		{attrClientID, s.block.ClientID, &found.ClientID},
	}
	for _, one := range values {
		*one.field = one.value.ValueString()

		switch {
		case one.value.IsUnknown():
			from = fromUnknown
		case *one.field != "" && one.attribute != attrClientID && from == fromEnvironment:
			from = fromBlock
		}
	}

	for _, one := range values {
		if from == fromEnvironment {
			*one.field = s.text(one.attribute, one.value)
		}
	}

	return found, from
}

// report adds the error of a setting that the client does not take.
func (s settings) report(err error) {
	problem, ok := errors.AsType[*wallaroo.ConfigError](err)
	if !ok {
		s.diags.AddError(summaryInvalidSettings, sentence(err))

		return
	}

	attribute := attributes[problem.Fields[0]]
	text := problem.Describe(func(field wallaroo.Field) string { return label(attributes[field]) }) + "."
	at := path.Root(attribute)

	switch {
	case problem.Problem == wallaroo.Missing && attribute == attrEndpoint:
		s.diags.AddAttributeError(at, summaryMissingEndpoint,
			text+" Set it to the address of the instance, such as https://wallaroo.example.com.")
	case problem.Problem == wallaroo.Missing:
		s.diags.AddError(summaryMissingCredentials, "No credentials are set. "+waysToAuthenticate())
	case problem.Problem == wallaroo.Conflicting:
		s.diags.AddAttributeError(at, summaryConflictingCredentials,
			text+" Each of them names an account by itself: set only one of them.")
	case problem.Problem == wallaroo.Incomplete && (attribute == attrClientCertificate || attribute == attrClientKey):
		s.diags.AddAttributeError(at, summaryIncompleteCertificate, text+" Mutual TLS needs both: set both or neither.")
	case problem.Problem == wallaroo.Incomplete:
		if _, from := s.credentials(); from == fromBlock {
			text += " The provider block sets credentials, so none are read from the environment."
		}

		s.diags.AddAttributeError(at, summaryIncompleteCredentials, text+"\n\n"+waysToAuthenticate())
	case attribute == attrEndpoint || attribute == attrAuthEndpoint:
		s.diags.AddAttributeError(at, summaryInvalidEndpoint, text+"\n\nSet an address such as https://wallaroo.example.com. "+
			"To allow unencrypted HTTP, as inside a cluster, set "+label(attrAllowPlainHTTP)+".")
	case attribute == attrCredentialsFile:
		s.diags.AddAttributeError(at, summaryUnreadableCredentials, text)
	default:
		s.diags.AddAttributeError(at, summaryInvalidSettings, text+"\n\nCorrect the provider block or the environment variable, and run the command again.")
	}
}

func waysToAuthenticate() string {
	both := func(one, other string) string { return label(one) + " and " + label(other) }

	return strings.Join([]string{
		"Set one of these, in the provider block or in the environment:\n",
		"- a user: " + both(attrUsername, attrPassword) + ", and " + label(attrClientSecret) + " if the instance needs it;",
		"- a client: " + both(attrClientID, attrClientSecret) + ";",
		"- an access token: " + label(attrToken) + ";",
		"- the credentials file of the Wallaroo SDK: " + label(attrCredentialsFile) + ".",
	}, "\n")
}
