package pdf

import (
	"bytes"
	"maps"
	"slices"
)

// Equal says whether two values mean the same, however they are written: 1 is 1.0, the order of keys does not matter.
// References are equal when they name the same object; streams only when they are the same bytes of the same file.
func Equal(a, b Object) bool {
	switch a := a.(type) {
	case int64, float64:
		x, _ := number(a)
		y, ok := number(b)
		return ok && x == y
	case String:
		other, ok := b.(String)
		return ok && bytes.Equal(a, other)
	case Array:
		other, ok := b.(Array)
		return ok && slices.EqualFunc(a, other, Equal)
	case Dict:
		other, ok := b.(Dict)
		return ok && maps.EqualFunc(a, other, Equal)
	case *Stream:
		other, ok := b.(*Stream)
		return ok && a.Offset == other.Offset && a.Length == other.Length &&
			bytes.Equal(a.Data, other.Data) && Equal(a.Dict, other.Dict)
	default: // nil, bool, Name, Ref
		return simple(b) && a == b
	}
}

func number(value Object) (float64, bool) {
	switch value := value.(type) {
	case int64:
		return float64(value), true
	case float64:
		return value, true
	}
	return 0, false
}

// simple says whether a value may stand in a comparison without panic.
func simple(value Object) bool {
	switch value.(type) {
	case String, Array, Dict:
		return false
	}
	return true
}
