package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

func (p *wallarooProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the workspaces of a Wallaroo instance and their members.",
		Attributes:          connectionAttributes(),
	}
	maps.Copy(resp.Schema.Attributes, credentialAttributes())
	maps.Copy(resp.Schema.Attributes, behaviorAttributes())
}

func connectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrEndpoint: schema.StringAttribute{
			MarkdownDescription: "Address of the Wallaroo instance, such as `https://wallaroo.example.com`. Required, here or in the environment. It must be an `https` URL, unless it is a loopback address or `allow_plain_http` is set. A trailing `/v1/api` is ignored. Environment variable: `WALLAROO_URL`.",
			Optional:            true,
		},
		attrAuthEndpoint: schema.StringAttribute{
			MarkdownDescription: "Address of the identity provider (Keycloak), for instances that have it on a host of its own, such as `https://keycloak.wallaroo.example.com`. The rules of `endpoint` apply; a trailing `/auth` is ignored. Defaults to `endpoint`. Environment variable: `WALLAROO_AUTH_URL`.",
			Optional:            true,
		},
		attrCACertificate: schema.StringAttribute{
			MarkdownDescription: "Certificates of private CAs, as PEM text or as the path of a PEM file. They are trusted in addition to those of the system, for the instance and for its identity provider. Environment variable: `WALLAROO_CA_CERTIFICATE`.",
			Optional:            true,
		},
		attrClientCertificate: schema.StringAttribute{
			MarkdownDescription: "Client certificate for mutual TLS, as PEM text or as the path of a PEM file. Requires `client_key`. Environment variable: `WALLAROO_CLIENT_CERTIFICATE`.",
			Optional:            true,
		},
		attrClientKey: schema.StringAttribute{
			MarkdownDescription: "Private key of `client_certificate`, as PEM text or as the path of a PEM file. Requires `client_certificate`. Environment variable: `WALLAROO_CLIENT_KEY`.",
			Optional:            true,
			Sensitive:           true,
		},
		attrInsecureSkipVerify: schema.BoolAttribute{
			MarkdownDescription: "Whether to accept any certificate of the instance and of its identity provider. An on-path attacker could then read the credentials: use `ca_certificate` instead where possible. Defaults to `false`. Environment variable: `WALLAROO_INSECURE_SKIP_VERIFY`.",
			Optional:            true,
		},
		attrAllowPlainHTTP: schema.BoolAttribute{
			MarkdownDescription: "Whether to accept `http` URLs in `endpoint` and `auth_endpoint`, as inside a cluster (`http://api-lb:8080`). Credentials are then sent over unencrypted HTTP. Defaults to `false`. Environment variable: `WALLAROO_ALLOW_PLAIN_HTTP`.",
			Optional:            true,
		},
		attrHeaders: schema.MapAttribute{
			MarkdownDescription: "Additional headers of each request, by name, for gateways in front of the instance. Headers with an empty value are not sent. `Authorization` and the other headers that the provider sets itself are refused.",
			ElementType:         types.StringType,
			Optional:            true,
			Sensitive:           true,
		},
	}
}

func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrToken: schema.StringAttribute{
			MarkdownDescription: "Access token, used as it is. It is not renewed, so it must be valid until the apply has finished. Conflicts with `username`, `password`, `client_secret` and `credentials_file`. Environment variable: `WALLAROO_TOKEN`.",
			Optional:            true,
			Sensitive:           true,
		},
		attrUsername: schema.StringAttribute{
			MarkdownDescription: "Name or email of the account to authenticate as. Requires `password`. Conflicts with `token` and `credentials_file`. Environment variable: `WALLAROO_USER`.",
			Optional:            true,
		},
		attrPassword: schema.StringAttribute{
			MarkdownDescription: "Password of `username`. Requires `username`. Conflicts with `token` and `credentials_file`. Environment variable: `WALLAROO_PASSWORD`.",
			Optional:            true,
			Sensitive:           true,
		},
		attrClientID: schema.StringAttribute{
			MarkdownDescription: "ID of the OAuth client to authenticate with. Defaults to `sdk-client` with `username`, or to `api-client` with `username` and `client_secret`; required with `client_secret` alone. Environment variable: `WALLAROO_CLIENT_ID`.",
			Optional:            true,
		},
		attrClientSecret: schema.StringAttribute{
			MarkdownDescription: "Secret of the client. Without `username`, the provider uses the client credentials grant. Conflicts with `token` and `credentials_file`. Environment variable: `WALLAROO_CLIENT_SECRET`.",
			Optional:            true,
			Sensitive:           true,
		},
		attrCredentialsFile: schema.StringAttribute{
			MarkdownDescription: "Path of a JSON file in the format of the Wallaroo SDK, with `username` and `password`, or with `token`. `confidentialClient` and `confidentialPassword` in the file set the client and its secret. Conflicts with `token`, `username`, `password` and `client_secret`. Environment variable: `WALLAROO_SDK_CREDENTIALS`.",
			Optional:            true,
		},
	}
}

func behaviorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrDeletionPolicy: schema.StringAttribute{
			MarkdownDescription: "What destroying or renaming does to the workspaces that do not set `deletion_policy` themselves: `ABANDON` removes a workspace from state with a warning, `PREVENT` is an error at plan time. Defaults to `ABANDON`. Environment variable: `WALLAROO_DELETION_POLICY`.",
			Optional:            true,
			Validators:          []validator.String{stringvalidator.OneOf("", policyAbandon, policyPrevent)},
		},
		attrRequestTimeout: schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("Time limit of one request in seconds, 1–%d. Defaults to `%.0f`. Environment variable: `WALLAROO_REQUEST_TIMEOUT`.",
				maxSeconds, wallaroo.DefaultRequestTimeout.Seconds()),
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(1, maxSeconds)},
		},
		attrMaxRetries: schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("How often a failed request is retried if that is safe, 0–%d. Once a request has exhausted its retries, others are not retried until one succeeds, so that a plan or apply ends soon if the instance refuses connections. Defaults to `%d`. Environment variable: `WALLAROO_MAX_RETRIES`.",
				maxCount, wallaroo.DefaultMaxRetries),
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(0, maxCount)},
		},
		attrMaxConcurrentRequests: schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("Maximum number of requests in flight, 1–%d. Defaults to `%d`. Environment variable: `WALLAROO_MAX_CONCURRENT_REQUESTS`.",
				maxCount, wallaroo.DefaultMaxConcurrentRequests),
			Optional:   true,
			Validators: []validator.Int64{int64validator.Between(1, maxCount)},
		},
	}
}
