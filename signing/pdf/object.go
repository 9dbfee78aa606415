// Package pdf answers: how is this PDF file built, revision by revision, and which bytes must be appended to extend it?
//
// It reads the structure of ISO 32000 files under hard limits (foreign bytes are the enemy's code) and writes
// incremental updates as a tail: the original is always a prefix of the result. It knows no cryptography and no trust.
package pdf

// Object is one PDF value: nil (null), bool, int64, float64, Name, String, Array, Dict, *Stream or Ref.
type Object any

// Name is a PDF name without its solidus, escapes decoded.
type Name string

// String is the decoded bytes of a literal or hexadecimal string.
type String []byte

// Ref names an indirect object.
type Ref struct{ Number, Generation int }

// Array is a PDF array.
type Array []Object

// Dict is a PDF dictionary. When written, keys come in sorted order, so that writing is deterministic.
type Dict map[Name]Object

// Stream is a PDF stream: its dictionary and where its raw bytes are in the file.
type Stream struct {
	Dict   Dict
	Offset int64  // of the first raw byte in the file; -1 for a stream that is not in the file yet
	Length int64  // of the raw bytes in the file
	Data   []byte // raw bytes of a stream that is not in the file yet
}
