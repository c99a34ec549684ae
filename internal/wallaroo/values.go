package wallaroo

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// scalar is a text or a number as it is written, without quotes: instances differ
// in which of them they use. It is empty for everything else.
type scalar string

// UnmarshalJSONFrom reads one value. It fails only where that is not valid JSON.
func (s *scalar) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}

	*s = ""
	if value.Kind() == jsontext.KindNumber || value.Kind() == jsontext.KindString {
		*s = scalar(plainText(value))
	}

	return nil
}

// integer returns zero for what is none. A float without a fraction is one.
func (s scalar) integer() int64 {
	if whole, err := strconv.ParseInt(string(s), 10, 64); err == nil {
		return whole
	}

	const exact = 1 << 53 // up to here, a float holds each integer

	float, err := strconv.ParseFloat(string(s), 64)
	if err != nil || float != math.Trunc(float) || math.Abs(float) > exact {
		return 0
	}

	return int64(float)
}

// plainText returns a number as it is written, and a text without its quotes.
func plainText(value jsontext.Value) string {
	if value.Kind() != jsontext.KindString {
		return string(value)
	}

	text, _ := jsontext.AppendUnquote(nil, value) // what can be read of it

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

// list is an array that is decoded element by element. It is not present where
// a response has null in its place.
type list[E responseBody[T], T any] struct {
	present bool
	values  []T
}

// UnmarshalJSONFrom reads one value. It fails where an element does.
func (l *list[E, T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != jsontext.KindBeginArray {
		return json.UnmarshalDecode(dec, new([]any)) // null, or else the error of another type
	}

	l.present, l.values = true, []T{}

	return each(dec, func() error {
		var element E
		if err := json.UnmarshalDecode(dec, &element); err != nil {
			return err
		}

		value, err := element.value()
		if err != nil {
			return contentError{fmt.Errorf("%w in element %d of the list", err, len(l.values)+1)}
		}

		l.values = append(l.values, value)

		return nil
	})
}

// each reads an array or an object, and calls read where a member begins.
func each(dec *jsontext.Decoder, read func() error) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}

	for {
		switch dec.PeekKind() {
		case jsontext.KindEndArray, jsontext.KindEndObject:
			_, err := dec.ReadToken()
			return err
		default:
			if err := read(); err != nil {
				return err
			}
		}
	}
}
