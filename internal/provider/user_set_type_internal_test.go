package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestUserSet_equal(t *testing.T) {
	t.Parallel()

	unknown := userSet{types.SetUnknown(types.StringType)}
	partly := userSet{types.SetValueMust(types.StringType, []attr.Value{types.StringValue("a"), types.StringUnknown()})}

	holed := userSet{types.SetValueMust(types.StringType, []attr.Value{types.StringValue("a"), types.StringNull()})}

	for name, c := range map[string]struct {
		one   userSet
		other attr.Value
		want  bool
	}{
		"same":              {newUserSet([]string{"a", "b"}), newUserSet([]string{"a", "b"}), true},
		"other order":       {newUserSet([]string{"a", "b"}), newUserSet([]string{"b", "a"}), true},
		"other letter case": {newUserSet([]string{"a"}), newUserSet([]string{"A"}), false},
		"more":              {newUserSet([]string{"a"}), newUserSet([]string{"a", "b"}), false},
		"fewer":             {newUserSet([]string{"a", "b"}), newUserSet([]string{"a"}), false},
		"empty":             {newUserSet(nil), newUserSet(nil), true},
		"empty and null":    {newUserSet(nil), nullUserSet(), false},
		"null":              {nullUserSet(), nullUserSet(), true},
		"null and unknown":  {nullUserSet(), unknown, false},
		"unknown":           {unknown, unknown, true},
		"known and unknown": {newUserSet([]string{"a"}), unknown, false},
		"null in it":        {holed, newUserSet([]string{"a"}), false},
		"partly known":      {partly, partly, true},
		"partly and wholly": {partly, newUserSet([]string{"a"}), false},
		"plain set":         {newUserSet([]string{"a"}), newUserSet([]string{"a"}).SetValue, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := c.one.Equal(c.other); got != c.want {
				t.Errorf("equal: %v", got)
			}

			other, ok := c.other.(userSet)
			if got, _ := c.one.SetSemanticEquals(context.Background(), other); ok && got != c.want {
				t.Errorf("semantically equal: %v", got)
			}
		})
	}
}

func TestUserSetType(t *testing.T) {
	t.Parallel()

	kind := newUserSetType()

	got, err := kind.ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Set{ElementType: tftypes.String},
		[]tftypes.Value{tftypes.NewValue(tftypes.String, "a")}))
	if err != nil || !got.Equal(newUserSet([]string{"a"})) || !got.Type(t.Context()).Equal(kind) {
		t.Errorf("got %v, %v", got, err)
	}

	if _, err := kind.ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.String, "a")); err == nil {
		t.Error("a string was taken for a set")
	}

	if kind.Equal(types.SetType{ElemType: types.StringType}) {
		t.Error("equal to another type")
	}
}
