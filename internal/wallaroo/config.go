package wallaroo

import (
	"context"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
)

// Defaults of a [Config]. The client applies them but for the retries, of which
// zero means none.
const (
	DefaultRequestTimeout        = 45 * time.Second
	DefaultMaxRetries            = 4
	DefaultMaxConcurrentRequests = 10

	defaultUserAgent = "terraform-provider-wallaroo"
)

// Config describes how to reach an instance. Endpoint and one kind of Credentials
// are needed; the zero value of the rest means its default.
type Config struct {
	// Endpoint is the base address of the instance; see [ParseEndpoint].
	Endpoint string
	// AuthEndpoint is the base address of the identity provider. Empty means
	// Endpoint.
	AuthEndpoint string
	// AllowPlainHTTP permits unencrypted HTTP to other machines.
	AllowPlainHTTP bool
	// Credentials authenticate the client.
	Credentials Credentials
	// CACertificate is PEM of CAs to trust in addition to the system's.
	CACertificate []byte
	// ClientCertificate and ClientKey are PEM for mutual TLS: both or neither.
	ClientCertificate, ClientKey []byte
	// InsecureSkipVerify turns the check of server certificates off.
	InsecureSkipVerify bool
	// Headers go with every request, to the identity provider too.
	Headers map[string]string
	// RequestTimeout bounds one attempt, the reading of its response included.
	// Zero or less means [DefaultRequestTimeout].
	RequestTimeout time.Duration
	// MaxRetries is how often a failed attempt may be retried. Zero or less means
	// never.
	MaxRetries int
	// MaxConcurrentRequests bounds the requests in flight. Zero or less means
	// [DefaultMaxConcurrentRequests].
	MaxConcurrentRequests int
	// UserAgent is the User-Agent header.
	UserAgent string
	// Log gets one message an attempt, without secrets or emails. Nil is silent.
	Log func(ctx context.Context, message string, fields map[string]any)
	// Sleep waits between attempts. Nil means real time.
	Sleep func(ctx context.Context, d time.Duration) error
	// Random yields numbers in [0, 1) for the waits. Nil means real randomness.
	Random func() float64
	// Now is the clock. Nil means the real one.
	Now func() time.Time
}

// Field names a field of a [Config] or of its [Credentials].
type Field string

// The fields that a [ConfigError] may name.
const (
	FieldEndpoint          Field = "Endpoint"
	FieldAuthEndpoint      Field = "AuthEndpoint"
	FieldToken             Field = "Token"
	FieldUsername          Field = "Username"
	FieldPassword          Field = "Password"
	FieldClientID          Field = "ClientID"
	FieldClientSecret      Field = "ClientSecret"
	FieldCredentialsFile   Field = "Credentials.File"
	FieldCACertificate     Field = "CACertificate"
	FieldClientCertificate Field = "ClientCertificate"
	FieldClientKey         Field = "ClientKey"
	FieldHeaders           Field = "Headers"
)

// Problem classifies the errors of a [Config].
type Problem int

const (
	// Invalid means that a field has a value which cannot be used.
	Invalid Problem = iota
	// Missing means that none of the fields is set, and that one is needed.
	Missing
	// Incomplete means that the first field is not set, but needed by the second.
	Incomplete
	// Conflicting means that the first field excludes the others.
	Conflicting
)

// ConfigError describes an error in a [Config]. It contains no secret.
type ConfigError struct {
	Problem Problem
	// Fields are at fault. There is at least one.
	Fields []Field
	// Reason ends the sentence that the names of invalid fields begin.
	Reason string
}

// Error uses the names of the fields in this package.
func (e *ConfigError) Error() string {
	return e.Describe(func(f Field) string { return string(f) })
}

// Describe words the error with the caller's own names of the fields.
func (e *ConfigError) Describe(name func(Field) string) string {
	names := make([]string, len(e.Fields))
	for i, field := range e.Fields {
		names[i] = name(field)
	}

	switch e.Problem {
	case Missing:
		if len(names) == 1 {
			return names[0] + " is not set"
		}

		return "none of " + strings.Join(names, ", ") + " is set"
	case Incomplete:
		return names[1] + " is set, but " + names[0] + " is not"
	case Conflicting:
		return names[0] + " cannot be combined with " + strings.Join(names[1:], " and ")
	default:
		return strings.Join(names, " and ") + " " + e.Reason
	}
}

func invalid(reason string, fields ...Field) *ConfigError {
	return &ConfigError{Problem: Invalid, Fields: fields, Reason: reason}
}

// incomplete is the error of two fields that need each other.
func incomplete(one, other Field, oneIsSet bool) *ConfigError {
	if oneIsSet {
		one, other = other, one
	}

	return &ConfigError{Problem: Incomplete, Fields: []Field{one, other}}
}

// Validate reports what is wrong as far as that shows without reading files and
// certificates.
func (cfg Config) Validate() []*ConfigError {
	_, _, problems := cfg.endpoints()
	if problem := cfg.Credentials.validate(); problem != nil {
		problems = append(problems, problem)
	}

	if problem := validateHeaders(cfg.Headers); problem != nil {
		problems = append(problems, problem)
	}

	return problems
}

// endpoints returns the base addresses of the API and of the identity provider.
func (cfg Config) endpoints() (api, auth *url.URL, problems []*ConfigError) {
	api, err := ParseEndpoint(cfg.Endpoint, cfg.AllowPlainHTTP)
	switch {
	case cfg.Endpoint == "":
		problems = append(problems, &ConfigError{Problem: Missing, Fields: []Field{FieldEndpoint}})
	case err != nil:
		problems = append(problems, invalid(err.Error(), FieldEndpoint))
	}

	if cfg.AuthEndpoint == "" {
		return api, api, problems
	}

	auth, err = parseAuthEndpoint(cfg.AuthEndpoint, cfg.AllowPlainHTTP)
	if err != nil {
		problems = append(problems, invalid(err.Error(), FieldAuthEndpoint))
	}

	return api, auth, problems
}

// withDefaults fills in what is not set.
func (cfg Config) withDefaults() Config {
	if cfg.RequestTimeout <= 0 {
		cfg.RequestTimeout = DefaultRequestTimeout
	}

	if cfg.MaxConcurrentRequests <= 0 {
		cfg.MaxConcurrentRequests = DefaultMaxConcurrentRequests
	}

	if cfg.UserAgent == "" {
		cfg.UserAgent = defaultUserAgent
	}

	if cfg.Log == nil {
		cfg.Log = func(context.Context, string, map[string]any) {}
	}

	if cfg.Sleep == nil {
		cfg.Sleep = Sleep
	}

	if cfg.Random == nil {
		cfg.Random = rand.Float64
	}

	if cfg.Now == nil {
		cfg.Now = time.Now
	}

	return cfg
}
