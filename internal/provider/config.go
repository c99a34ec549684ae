package provider

import (
	"fmt"
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

// variables are the environment variables of the attributes that have one. The
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

const (
	summaryBadSettings = "Invalid Wallaroo provider settings"

	defaultRequestTimeout        = 45
	defaultMaxConcurrentRequests = 10

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

// hasUnknown is true when a setting comes from something that is not applied yet.
func (m providerModel) hasUnknown() bool {
	values := []attr.Value{
		m.Endpoint, m.AuthEndpoint, m.Token, m.Username, m.Password, m.ClientID, m.ClientSecret, m.CredentialsFile,
		m.CACertificate, m.ClientCertificate, m.ClientKey, m.InsecureSkipVerify, m.AllowPlainHTTP, m.Headers,
		m.RequestTimeout, m.MaxRetries, m.MaxConcurrentRequests,
	}
	for _, element := range m.Headers.Elements() {
		values = append(values, element)
	}

	for _, value := range values {
		if value.IsUnknown() {
			return true
		}
	}

	return false
}

// reader reads settings: the block first, then the environment. What it cannot
// read it reports and takes as not given.
type reader struct {
	getenv func(string) string
	diags  *diag.Diagnostics
}

// validateSettings reports what is wrong in the block whatever the environment
// holds. Unknown values are passed over.
func validateSettings(model providerModel, getenv func(string) string, diags *diag.Diagnostics) {
	r := reader{getenv: getenv, diags: diags}
	given := r.credentials(model)

	if given.inBlock && !given.hasUnknown {
		given.check(diags)
	}

	if model.AllowPlainHTTP.IsUnknown() {
		return
	}

	plain := r.boolean(attrAllowPlainHTTP, model.AllowPlainHTTP)
	checkEndpoint(attrEndpoint, model.Endpoint.ValueString(), plain, diags)
	checkEndpoint(attrAuthEndpoint, model.AuthEndpoint.ValueString(), plain, diags)
}

// resolveSettings turns the block and the environment into the client's settings.
func resolveSettings(model providerModel, getenv func(string) string, diags *diag.Diagnostics) wallaroo.Config {
	r := reader{getenv: getenv, diags: diags}
	config := wallaroo.Config{
		Endpoint:              r.text(attrEndpoint, model.Endpoint),
		AuthEndpoint:          r.text(attrAuthEndpoint, model.AuthEndpoint),
		AllowPlainHTTP:        r.boolean(attrAllowPlainHTTP, model.AllowPlainHTTP),
		InsecureSkipVerify:    r.boolean(attrInsecureSkipVerify, model.InsecureSkipVerify),
		CACertificate:         r.pem(attrCACertificate, model.CACertificate),
		ClientCertificate:     r.pem(attrClientCertificate, model.ClientCertificate),
		ClientKey:             r.pem(attrClientKey, model.ClientKey),
		Headers:               r.headers(model.Headers),
		RequestTimeout:        time.Duration(r.number(attrRequestTimeout, model.RequestTimeout, 1, maxSeconds, defaultRequestTimeout)) * time.Second,
		MaxRetries:            int(r.number(attrMaxRetries, model.MaxRetries, 0, maxCount, wallaroo.DefaultMaxRetries)),
		MaxConcurrentRequests: int(r.number(attrMaxConcurrentRequests, model.MaxConcurrentRequests, 1, maxCount, defaultMaxConcurrentRequests)),
	}

	if config.Endpoint == "" {
		diags.AddAttributeError(path.Root(attrEndpoint), "Missing Wallaroo endpoint",
			"The provider does not know which instance to manage. Set `endpoint` in the provider block, or the environment variable WALLAROO_URL, "+
				"to the instance's address, such as https://wallaroo.example.com.")
	}

	checkEndpoint(attrEndpoint, config.Endpoint, config.AllowPlainHTTP, diags)
	checkEndpoint(attrAuthEndpoint, config.AuthEndpoint, config.AllowPlainHTTP, diags)

	if (config.ClientCertificate == nil) != (config.ClientKey == nil) && !diags.HasError() {
		diags.AddError("Incomplete client certificate",
			fmt.Sprintf("Mutual TLS needs both %s and %s. Give both or neither.", label(attrClientCertificate), label(attrClientKey)))
	}

	given := r.credentials(model)
	if given.check(diags) {
		config.Credentials = given.resolve(diags)
	}

	return config
}

// resolveDeletionPolicy returns the policy of the block, else the environment's.
// One that is not known yet counts as not set.
func resolveDeletionPolicy(model providerModel, getenv func(string) string, diags *diag.Diagnostics) string {
	policy := reader{getenv: getenv, diags: diags}.text(attrDeletionPolicy, model.DeletionPolicy)

	switch policy {
	case "", policyAbandon, policyPrevent:
		return policy
	default:
		diags.AddAttributeError(path.Root(attrDeletionPolicy), summaryBadSettings,
			fmt.Sprintf("The environment variable %s must be %s or %s.", variables[attrDeletionPolicy], policyAbandon, policyPrevent))

		return ""
	}
}

// checkEndpoint reports an address that the provider would not talk to.
func checkEndpoint(attribute, value string, plain bool, diags *diag.Diagnostics) {
	if value == "" {
		return
	}

	parse := wallaroo.ParseEndpoint
	if attribute == attrAuthEndpoint {
		parse = wallaroo.ParseAuthEndpoint
	}

	if _, err := parse(value, plain); err != nil {
		diags.AddAttributeError(path.Root(attribute), "Invalid Wallaroo endpoint",
			fmt.Sprintf("%s cannot be used: it %v.\n\nGive an address such as https://wallaroo.example.com.", label(attribute), err))
	}
}

func (r reader) text(attribute string, value types.String) string {
	if value.IsUnknown() || value.ValueString() != "" {
		return value.ValueString()
	}

	return r.getenv(variables[attribute])
}

func (r reader) boolean(attribute string, value types.Bool) bool {
	text := r.getenv(variables[attribute])
	if !value.IsNull() || text == "" {
		return value.ValueBool()
	}

	parsed, err := strconv.ParseBool(text)
	if err != nil {
		r.diags.AddAttributeError(path.Root(attribute), summaryBadSettings,
			fmt.Sprintf("The environment variable %s must be true or false.", variables[attribute]))
	}

	return parsed
}

func (r reader) number(attribute string, value types.Int64, low, high, otherwise int64) int64 {
	text := r.getenv(variables[attribute])

	switch {
	case !value.IsNull():
		return value.ValueInt64()
	case text == "":
		return otherwise
	}

	parsed, err := strconv.ParseInt(text, 10, 64)
	if err != nil || parsed < low || parsed > high {
		r.diags.AddAttributeError(path.Root(attribute), summaryBadSettings,
			fmt.Sprintf("The environment variable %s must be a whole number from %d to %d.", variables[attribute], low, high))
	}

	return parsed
}

func (r reader) headers(value types.Map) map[string]string {
	headers := map[string]string{}

	for name, element := range value.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsNull() {
			r.diags.AddAttributeError(path.Root(attrHeaders).AtMapKey(name), summaryBadSettings,
				fmt.Sprintf("The header %q in `headers` has no value. Give it one, or leave it out.", name))

			continue
		}

		headers[name] = text.ValueString()
	}

	return headers
}

// addRefusedSettings reports what the client does not take. Its error begins with
// the settings that are to blame.
func addRefusedSettings(diags *diag.Diagnostics, err error) {
	const next = "\n\nCorrect the provider block or the environment variable, and run the command again."

	names, reason, _ := strings.Cut(err.Error(), ": ")
	blamed := strings.Split(names, " and ")

	if variables[blamed[0]] == "" && blamed[0] != attrHeaders {
		diags.AddError(summaryBadSettings, sentence(err)+next)

		return
	}

	diags.AddAttributeError(path.Root(blamed[0]), summaryBadSettings, labels(blamed)+": "+strings.TrimSuffix(reason, ".")+"."+next)
}

// label names a setting as an error does: its attribute, then its variable, if it
// has one.
func label(attribute string) string {
	if variables[attribute] == "" {
		return "`" + attribute + "`"
	}

	return fmt.Sprintf("`%s` (%s)", attribute, variables[attribute])
}
