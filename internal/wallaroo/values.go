package wallaroo

import (
	"math"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// number is an integer as instances may write it: as a number, as a float
// without a fraction, or as a text. It is zero for everything else.
type number int64

// UnmarshalJSONFrom reads one value. It fails only where that is not valid JSON.
func (n *number) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	*n = 0
	if value.Kind() == jsontext.KindNumber || value.Kind() == jsontext.KindString {
		*n = parseNumber(plainText(value))
	}
	return nil
}

func parseNumber(text string) number {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number(whole)
	}
	const exact = 1 << 53 // up to here, a float holds each integer
	float, err := strconv.ParseFloat(text, 64)
	if err != nil || float != math.Trunc(float) || math.Abs(float) > exact {
		return 0
	}
	return number(float)
}

// identifier is an ID that instances write as a text or as a number. It is empty
// for everything else.
type identifier string

// UnmarshalJSONFrom reads one value. It fails only where that is not valid JSON.
func (id *identifier) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	*id = ""
	if value.Kind() == jsontext.KindNumber || value.Kind() == jsontext.KindString {
		*id = identifier(plainText(value))
	}
	return nil
}

// plainText returns a number as it is written, and a text without its quotes.
func plainText(value jsontext.Value) string {
	if value.Kind() != jsontext.KindString {
		return string(value)
	}
	text, err := jsontext.AppendUnquote(nil, value)
	if err != nil {
		return ""
	}
	return string(text)
}

// optional is a value that nothing depends on. One of another type is taken as
// absent, since instances differ in what they add to what is documented.
type optional[T any] struct{ value T }

// UnmarshalJSONFrom reads one value. It fails only where that is not valid JSON.
func (o *optional[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	var decoded T
	if json.Unmarshal(value, &decoded) != nil {
		decoded = *new(T)
	}
	o.value = decoded
	return nil
}
