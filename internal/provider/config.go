package provider

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// The attributes of the provider block.
const (
	attrEndpoint              = "endpoint"
	attrAuthEndpoint          = "auth_endpoint"
	attrToken                 = "token"
	attrUsername              = "username"
	attrPassword              = "password"
	attrClientID              = "client_id"
	attrClientSecret          = "client_secret"
	attrCredentialsFile       = "credentials_file"
	attrCACertificate         = "ca_certificate"
	attrClientCertificate     = "client_certificate"
	attrClientKey             = "client_key"
	attrInsecureSkipVerify    = "insecure_skip_verify"
	attrAllowPlainHTTP        = "allow_plain_http"
	attrHeaders               = "headers"
	attrRequestTimeout        = "request_timeout"
	attrMaxRetries            = "max_retries"
	attrMaxConcurrentRequests = "max_concurrent_requests"
)

// variables are the environment variables of the attributes that have one. Their
// names are those of Wallaroo's SDK where it has them.
var variables = map[string]string{
	attrEndpoint:              "WALLAROO_URL",
	attrAuthEndpoint:          "WALLAROO_AUTH_URL",
	attrToken:                 "WALLAROO_TOKEN",
	attrUsername:              "WALLAROO_USER",
	attrPassword:              "WALLAROO_PASSWORD",
	attrClientID:              "WALLAROO_CLIENT_ID",
	attrClientSecret:          "WALLAROO_CLIENT_SECRET",
	attrCredentialsFile:       "WALLAROO_SDK_CREDENTIALS",
	attrCACertificate:         "WALLAROO_CA_CERTIFICATE",
	attrClientCertificate:     "WALLAROO_CLIENT_CERTIFICATE",
	attrClientKey:             "WALLAROO_CLIENT_KEY",
	attrInsecureSkipVerify:    "WALLAROO_INSECURE_SKIP_VERIFY",
	attrAllowPlainHTTP:        "WALLAROO_ALLOW_PLAIN_HTTP",
	attrRequestTimeout:        "WALLAROO_REQUEST_TIMEOUT",
	attrMaxRetries:            "WALLAROO_MAX_RETRIES",
	attrMaxConcurrentRequests: "WALLAROO_MAX_CONCURRENT_REQUESTS",
	attrDeletionPolicy:        "WALLAROO_DELETION_POLICY",
}

// attributes are the attributes of the client's fields.
var attributes = map[wallaroo.Field]string{
	wallaroo.FieldEndpoint:          attrEndpoint,
	wallaroo.FieldAuthEndpoint:      attrAuthEndpoint,
	wallaroo.FieldToken:             attrToken,
	wallaroo.FieldUsername:          attrUsername,
	wallaroo.FieldPassword:          attrPassword,
	wallaroo.FieldClientID:          attrClientID,
	wallaroo.FieldClientSecret:      attrClientSecret,
	wallaroo.FieldCredentialsFile:   attrCredentialsFile,
	wallaroo.FieldCACertificate:     attrCACertificate,
	wallaroo.FieldClientCertificate: attrClientCertificate,
	wallaroo.FieldClientKey:         attrClientKey,
	wallaroo.FieldHeaders:           attrHeaders,
}

const (
	maxSeconds = 3600
	maxCount   = 100
)

type providerModel struct {
	Endpoint              types.String `tfsdk:"endpoint"`
	AuthEndpoint          types.String `tfsdk:"auth_endpoint"`
	Token                 types.String `tfsdk:"token"`
	Username              types.String `tfsdk:"username"`
	Password              types.String `tfsdk:"password"`
	ClientID              types.String `tfsdk:"client_id"`
	ClientSecret          types.String `tfsdk:"client_secret"`
	CredentialsFile       types.String `tfsdk:"credentials_file"`
	CACertificate         types.String `tfsdk:"ca_certificate"`
	ClientCertificate     types.String `tfsdk:"client_certificate"`
	ClientKey             types.String `tfsdk:"client_key"`
	InsecureSkipVerify    types.Bool   `tfsdk:"insecure_skip_verify"`
	AllowPlainHTTP        types.Bool   `tfsdk:"allow_plain_http"`
	Headers               types.Map    `tfsdk:"headers"`
	RequestTimeout        types.Int64  `tfsdk:"request_timeout"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
	MaxConcurrentRequests types.Int64  `tfsdk:"max_concurrent_requests"`
	DeletionPolicy        types.String `tfsdk:"deletion_policy"`
}

// hasUnknown reports whether a value is not known until apply.
func (m providerModel) hasUnknown() bool {
	values := []attr.Value{
		m.Endpoint, m.AuthEndpoint, m.Token, m.Username, m.Password, m.ClientID, m.ClientSecret, m.CredentialsFile,
		m.CACertificate, m.ClientCertificate, m.ClientKey, m.InsecureSkipVerify, m.AllowPlainHTTP, m.Headers,
		m.RequestTimeout, m.MaxRetries, m.MaxConcurrentRequests,
	}
	for _, element := range m.Headers.Elements() {
		values = append(values, element)
	}

	return slices.ContainsFunc(values, attr.Value.IsUnknown)
}

// settings reads the block first and then the environment. An empty text means not
// set, in both. What it cannot read it reports and takes as not set.
type settings struct {
	block  providerModel
	getenv func(string) string
	diags  *diag.Diagnostics
}

// validate reports what is wrong in the block whatever the environment holds.
// Unknown values are passed over.
func (s settings) validate() {
	config := wallaroo.Config{
		Endpoint:       s.block.Endpoint.ValueString(),
		AuthEndpoint:   s.block.AuthEndpoint.ValueString(),
		AllowPlainHTTP: s.block.AllowPlainHTTP.IsUnknown() || s.boolean(attrAllowPlainHTTP, s.block.AllowPlainHTTP),
		Headers:        s.headers(),
	}

	credentials, from := s.credentials()
	if from == fromBlock {
		config.Credentials = credentials
	}

	for _, problem := range config.Validate() {
		if problem.Problem != wallaroo.Missing {
			s.report(problem)
		}
	}
}

// resolve returns the settings of the client. They are whole if nothing was reported.
func (s settings) resolve() wallaroo.Config {
	credentials, _ := s.credentials()
	config := wallaroo.Config{
		Endpoint:              s.text(attrEndpoint, s.block.Endpoint),
		AuthEndpoint:          s.text(attrAuthEndpoint, s.block.AuthEndpoint),
		AllowPlainHTTP:        s.boolean(attrAllowPlainHTTP, s.block.AllowPlainHTTP),
		Credentials:           credentials,
		InsecureSkipVerify:    s.boolean(attrInsecureSkipVerify, s.block.InsecureSkipVerify),
		CACertificate:         s.pem(attrCACertificate, s.block.CACertificate),
		ClientCertificate:     s.pem(attrClientCertificate, s.block.ClientCertificate),
		ClientKey:             s.pem(attrClientKey, s.block.ClientKey),
		Headers:               s.headers(),
		RequestTimeout:        time.Duration(s.number(attrRequestTimeout, s.block.RequestTimeout, 1, maxSeconds, 0)) * time.Second,
		MaxRetries:            int(s.number(attrMaxRetries, s.block.MaxRetries, 0, maxCount, wallaroo.DefaultMaxRetries)),
		MaxConcurrentRequests: int(s.number(attrMaxConcurrentRequests, s.block.MaxConcurrentRequests, 1, maxCount, 0)),
	}

	for _, problem := range config.Validate() {
		s.report(problem)
	}

	return config
}

// deletionPolicy returns the policy of the block, else the environment's. One that is
// not known yet counts as not set.
func (s settings) deletionPolicy() string {
	policy := s.text(attrDeletionPolicy, s.block.DeletionPolicy)

	switch policy {
	case "", policyAbandon, policyPrevent:
		return policy
	default:
		s.diags.AddAttributeError(path.Root(attrDeletionPolicy), summaryInvalidSettings,
			fmt.Sprintf("The environment variable %s must be %s or %s.", variables[attrDeletionPolicy], policyAbandon, policyPrevent))

		return ""
	}
}

func (s settings) text(attribute string, value types.String) string {
	if value.IsUnknown() {
		return ""
	}

	return cmp.Or(value.ValueString(), s.getenv(variables[attribute]))
}

func (s settings) boolean(attribute string, value types.Bool) bool {
	text := s.getenv(variables[attribute])
	if !value.IsNull() || text == "" {
		return value.ValueBool()
	}

	parsed, err := strconv.ParseBool(text)
	if err != nil {
		s.diags.AddAttributeError(path.Root(attribute), summaryInvalidSettings,
			fmt.Sprintf("The environment variable %s must be true or false.", variables[attribute]))
	}

	return parsed
}

func (s settings) number(attribute string, value types.Int64, low, high, otherwise int64) int64 {
	text := s.getenv(variables[attribute])

	switch {
	case !value.IsNull():
		return value.ValueInt64()
	case text == "":
		return otherwise
	}

	parsed, err := strconv.ParseInt(text, 10, 64)
	if err != nil || parsed < low || parsed > high {
		s.diags.AddAttributeError(path.Root(attribute), summaryInvalidSettings,
			fmt.Sprintf("The environment variable %s must be a whole number from %d to %d.", variables[attribute], low, high))
	}

	return parsed
}

// headers leaves out unknown values, which hasUnknown finds.
func (s settings) headers() map[string]string {
	headers := map[string]string{}

	for name, element := range s.block.Headers.Elements() {
		text, ok := element.(types.String)

		switch {
		case !ok || text.IsNull():
			s.diags.AddAttributeError(path.Root(attrHeaders).AtMapKey(name), summaryInvalidSettings,
				fmt.Sprintf("The header %q in `headers` is null. Set its value, or leave it out.", name))
		case text.ValueString() != "":
			headers[name] = text.ValueString()
		}
	}

	return headers
}

// pem reads a setting that is PEM text or the path of a PEM file.
func (s settings) pem(attribute string, value types.String) []byte {
	text := s.text(attribute, value)
	if text == "" || strings.Contains(text, "-----BEGIN") {
		return []byte(text)
	}

	content, err := os.ReadFile(text)

	switch {
	case err != nil:
		// What was meant as PEM text must not be printed: it may be a key.
		s.diags.AddAttributeError(path.Root(attribute), summaryUnreadableFile, fmt.Sprintf(
			"%s is neither PEM text (-----BEGIN ...) nor the path of a readable file. Check the path and its permissions.", label(attribute)))
	case len(content) == 0:
		s.diags.AddAttributeError(path.Root(attribute), summaryUnreadableFile, fmt.Sprintf(
			"%s is the path of an empty file. Set PEM text, or the path of a PEM file.", label(attribute)))
	}

	return content
}

// label names a setting as errors do: its attribute, then its variable, if it has one.
func label(attribute string) string {
	if variables[attribute] == "" {
		return "`" + attribute + "`"
	}

	return fmt.Sprintf("`%s` (%s)", attribute, variables[attribute])
}
