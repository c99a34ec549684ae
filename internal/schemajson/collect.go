package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// run prints the schemas of the server under the key.
func run(ctx context.Context, out io.Writer, key string, server tfprotov6.ProviderServer) error {
	found, err := collect(ctx, server)
	if err != nil {
		return err
	}

	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")

	return encoder.Encode(providerSchemas{
		FormatVersion: "1.0",
		Schemas:       map[string]*providerSchema{key: found},
	})
}

// collect asks the server for every schema that the documentation shows.
func collect(ctx context.Context, server tfprotov6.ProviderServer) (*providerSchema, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("reading the schemas: %w", err)
	}

	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, fmt.Errorf("reading the identity schemas: %w", err)
	}

	if err := errors.Join(failure(schemas.Diagnostics), failure(identities.Diagnostics)); err != nil {
		return nil, err
	}

	return &providerSchema{
		Provider:                toSchema(schemas.Provider),
		ResourceSchemas:         mapValues(schemas.ResourceSchemas, toSchema),
		DataSourceSchemas:       mapValues(schemas.DataSourceSchemas, toSchema),
		ListResourceSchemas:     mapValues(schemas.ListResourceSchemas, toSchema),
		ResourceIdentitySchemas: mapValues(identities.IdentitySchemas, toIdentity),
		Functions:               mapValues(schemas.Functions, toFunction),
	}, nil
}

// failure joins the diagnostics of severity error.
func failure(diagnostics []*tfprotov6.Diagnostic) error {
	var failures []error

	for _, diagnostic := range diagnostics {
		if diagnostic.Severity == tfprotov6.DiagnosticSeverityError {
			failures = append(failures, fmt.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail))
		}
	}

	return errors.Join(failures...)
}

func toSchema(from *tfprotov6.Schema) *schema {
	if from == nil {
		return nil
	}

	return &schema{Version: from.Version, Block: toBlock(from.Block)}
}

func toBlock(from *tfprotov6.SchemaBlock) *block {
	if from == nil {
		return nil
	}

	to := &block{
		Attributes:      toAttributes(from.Attributes),
		BlockTypes:      make(map[string]*nestedBlock, len(from.BlockTypes)),
		Description:     from.Description,
		DescriptionKind: lower(from.DescriptionKind),
		Deprecated:      from.Deprecated,
	}

	for _, nested := range from.BlockTypes {
		to.BlockTypes[nested.TypeName] = &nestedBlock{
			NestingMode: lower(nested.Nesting),
			Block:       toBlock(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}

	return to
}

func toAttributes(from []*tfprotov6.SchemaAttribute) map[string]*attribute {
	to := make(map[string]*attribute, len(from))

	for _, a := range from {
		to[a.Name] = &attribute{
			Type:            a.Type,
			NestedType:      toNestedType(a.NestedType),
			Description:     a.Description,
			DescriptionKind: lower(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
	}

	return to
}

func toNestedType(from *tfprotov6.SchemaObject) *nestedType {
	if from == nil {
		return nil
	}

	return &nestedType{Attributes: toAttributes(from.Attributes), NestingMode: lower(from.Nesting)}
}

func toIdentity(from *tfprotov6.ResourceIdentitySchema) *identitySchema {
	to := &identitySchema{Version: from.Version, Attributes: map[string]*identityAttribute{}}

	for _, a := range from.IdentityAttributes {
		to.Attributes[a.Name] = &identityAttribute{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}

	return to
}

func toFunction(from *tfprotov6.Function) *signature {
	to := &signature{
		Description:        from.Description,
		Summary:            from.Summary,
		DeprecationMessage: from.DeprecationMessage,
		ReturnType:         from.Return.Type,
		VariadicParameter:  toParameter(from.VariadicParameter),
	}

	for _, p := range from.Parameters {
		to.Parameters = append(to.Parameters, toParameter(p))
	}

	return to
}

func toParameter(from *tfprotov6.FunctionParameter) *parameter {
	if from == nil {
		return nil
	}

	return &parameter{Name: from.Name, Description: from.Description, IsNullable: from.AllowNullValue, Type: from.Type}
}

// lower gives the names of the protocol ("SINGLE", "MARKDOWN") as the CLI
// prints them.
func lower(name fmt.Stringer) string {
	return strings.ToLower(name.String())
}

func mapValues[From, To any](from map[string]From, convert func(From) To) map[string]To {
	to := make(map[string]To, len(from))

	for name, value := range from {
		to[name] = convert(value)
	}

	return to
}
