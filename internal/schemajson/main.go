// Command schemajson prints the provider's schemas in the form of "terraform
// providers schema -json".
//
// It reads them from the provider in-process, so that the output also has what
// older CLIs leave out (identities, list resources) and needs no CLI at all.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// name is what tfplugindocs looks for: it accepts a full address only in the
// namespace hashicorp.
const name = "wallaroo"

func main() {
	server := providerserver.NewProtocol6(provider.New("")())()

	if err := printSchemas(context.Background(), os.Stdout, server); err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}

// printSchemas writes every schema of the server that the documentation shows.
func printSchemas(ctx context.Context, out io.Writer, server tfprotov6.ProviderServer) error {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("reading the schemas: %w", err)
	}

	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("reading the identity schemas: %w", err)
	}

	for _, diagnostic := range append(schemas.Diagnostics, identities.Diagnostics...) {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
		}
	}

	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")

	return encoder.Encode(tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas: map[string]*tfjson.ProviderSchema{name: {
			ConfigSchema:            convertSchema(schemas.Provider),
			ResourceSchemas:         convertMap(schemas.ResourceSchemas, convertSchema),
			DataSourceSchemas:       convertMap(schemas.DataSourceSchemas, convertSchema),
			ListResourceSchemas:     convertMap(schemas.ListResourceSchemas, convertSchema),
			ResourceIdentitySchemas: convertMap(identities.IdentitySchemas, convertIdentity),
			Functions:               convertMap(schemas.Functions, convertFunction),
		}},
	})
}
