package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.SetTypable                    = userSetType{}
	_ basetypes.SetValuableWithSemanticEquals = userSet{}
)

// userSetType is a set of strings for large teams. The framework's own compares each
// element with each other one, several times in a call.
type userSetType struct{ basetypes.SetType }

func newUserSetType() userSetType {
	return userSetType{basetypes.SetType{ElemType: types.StringType}}
}

func (t userSetType) String() string { return "userSetType" }

func (t userSetType) Equal(other attr.Type) bool {
	_, ok := other.(userSetType)

	return ok
}

// Validate has nothing to look for: the CLI's sets hold no element twice.
func (t userSetType) Validate(context.Context, tftypes.Value, path.Path) diag.Diagnostics {
	return nil
}

func (t userSetType) ValueType(context.Context) attr.Value { return userSet{} }

func (t userSetType) ValueFromSet(_ context.Context, value basetypes.SetValue) (basetypes.SetValuable, diag.Diagnostics) {
	return userSet{value}, nil
}

func (t userSetType) ValueFromTerraform(ctx context.Context, value tftypes.Value) (attr.Value, error) {
	set, err := t.SetType.ValueFromTerraform(ctx, value)
	if err != nil {
		return nil, err
	}

	setValue, ok := set.(basetypes.SetValue)
	if !ok {
		return nil, fmt.Errorf("unexpected type %T of a set of users", set)
	}

	return userSet{setValue}, nil
}

// userSet is a value of userSetType.
type userSet struct{ basetypes.SetValue }

func newUserSet(texts []string) userSet {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}

	return userSet{types.SetValueMust(types.StringType, elements)}
}

func nullUserSet() userSet { return userSet{types.SetNull(types.StringType)} }

func (s userSet) Type(context.Context) attr.Type { return newUserSetType() }

func (s userSet) Equal(other attr.Value) bool {
	value, ok := other.(userSet)
	if !ok {
		return false
	}

	if !s.isFullyKnown() || !value.isFullyKnown() {
		return s.SetValue.Equal(value.SetValue)
	}

	return slices.Equal(entries(s.SetValue), entries(value.SetValue))
}

// isFullyKnown is true for a set all of whose elements are texts.
func (s userSet) isFullyKnown() bool {
	return !s.IsNull() && !s.IsUnknown() && !slices.ContainsFunc(s.Elements(), func(element attr.Value) bool {
		return element.IsUnknown() || element.IsNull()
	})
}

// SetSemanticEquals is Equal, which spares the framework the comparison of elements.
func (s userSet) SetSemanticEquals(_ context.Context, prior basetypes.SetValuable) (bool, diag.Diagnostics) {
	value, ok := prior.(userSet)

	return ok && s.Equal(value), nil
}
