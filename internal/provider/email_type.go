package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.StringTypable                    = emailType{}
	_ basetypes.StringValuableWithSemanticEquals = email{}
)

// emailType is a string that compares case-insensitively, as the identity provider
// compares emails.
type emailType struct{ basetypes.StringType }

func (t emailType) String() string { return "emailType" }

func (t emailType) Equal(other attr.Type) bool {
	_, ok := other.(emailType)

	return ok
}

func (t emailType) ValueType(context.Context) attr.Value { return email{} }

func (t emailType) ValueFromString(_ context.Context, value basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return email{value}, nil
}

func (t emailType) ValueFromTerraform(ctx context.Context, value tftypes.Value) (attr.Value, error) {
	text, err := t.StringType.ValueFromTerraform(ctx, value)
	if err != nil {
		return nil, err
	}

	stringValue, ok := text.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected type %T of an email", text)
	}

	return email{stringValue}, nil
}

// email is a value of emailType.
type email struct{ basetypes.StringValue }

func newEmail(text string) email {
	if text == "" {
		return email{basetypes.NewStringNull()}
	}

	return email{basetypes.NewStringValue(text)}
}

func (e email) Type(context.Context) attr.Type { return emailType{} }

func (e email) Equal(other attr.Value) bool {
	value, ok := other.(email)

	return ok && e.StringValue.Equal(value.StringValue)
}

func (e email) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	value, ok := other.(email)

	return ok && e.same(value), nil
}

// same is true for two known emails that are equal case-insensitively.
func (e email) same(other email) bool {
	return !e.IsNull() && !e.IsUnknown() && !other.IsNull() && !other.IsUnknown() &&
		strings.EqualFold(e.ValueString(), other.ValueString())
}
