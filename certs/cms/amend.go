package cms

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// AddUnsigned returns the object with attributes added to the unsigned ones of its signer of that index (from 0).
// Every other byte stays what it was, so that no signature or time stamp over it is touched; only an object that was
// BER becomes DER. Attributes of a type that is there already are added beside it.
func AddUnsigned(data []byte, index int, attributes ...Attribute) ([]byte, error) {
	if err := checkAttributes(attributes); err != nil {
		return nil, err
	}
	return amend(data, index, func(present [][]byte) [][]byte {
		return addAttributes(present, attributes)
	})
}

// ReplaceUnsigned is [AddUnsigned] that first takes away the attributes of the same types. An attribute without values
// is only taken away.
func ReplaceUnsigned(data []byte, index int, attributes ...Attribute) ([]byte, error) {
	if err := checkAttributes(attributes); err != nil {
		return nil, err
	}
	return amend(data, index, func(present [][]byte) [][]byte {
		for _, attribute := range attributes {
			prefix := derOID(attribute.Type)
			present = slices.DeleteFunc(present, func(element []byte) bool {
				value := cryptobyte.String(element)
				var fields cryptobyte.String
				return value.ReadASN1(&fields, tags.SEQUENCE) && bytes.HasPrefix(fields, prefix)
			})
		}
		return addAttributes(present, attributes)
	})
}

func addAttributes(present [][]byte, attributes []Attribute) [][]byte {
	for _, attribute := range attributes {
		if len(attribute.Values) > 0 {
			present = insertSorted(present, derAttribute(attribute.Type, attribute.Values...))
		}
	}
	return present
}

// insertSorted puts an element before the first that is greater: a set that was in DER order stays so, and one that
// was not keeps its order.
func insertSorted(elements [][]byte, element []byte) [][]byte {
	at := slices.IndexFunc(elements, func(other []byte) bool { return bytes.Compare(other, element) > 0 })
	if at < 0 {
		at = len(elements)
	}
	return slices.Insert(elements, at, element)
}

// amend writes the object anew with other unsigned attributes for one signer.
func amend(data []byte, index int, change func([][]byte) [][]byte) ([]byte, error) {
	signed, err := ParseSigners(data)
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= len(signed.Signers) {
		return nil, fmt.Errorf("%w: no signer %d of %d", ErrMalformed, index, len(signed.Signers))
	}
	input := cryptobyte.String(signed.Raw)
	var info, contentType, body, fields cryptobyte.String
	ok := input.ReadASN1(&info, tags.SEQUENCE) && info.ReadASN1Element(&contentType, tags.OBJECT_IDENTIFIER) &&
		info.ReadASN1(&body, contextTag(0)) && body.ReadASN1(&fields, tags.SEQUENCE)
	if !ok {
		return nil, fmt.Errorf("%w: signed data", ErrMalformed)
	}
	elements := split(fields)
	last := len(elements) - 1
	set := cryptobyte.String(elements[last])
	var inner cryptobyte.String
	if !set.ReadASN1(&inner, tags.SET) {
		return nil, fmt.Errorf("%w: signers", ErrMalformed)
	}
	signers := split(inner)
	signers[index] = amendSigner(signers[index], change)
	elements[last] = tlv(tagSet, signers...)
	out := sequence(contentType, explicit(0, sequence(elements...)))
	if len(out) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes with the attributes", ErrLimit, len(out))
	}
	return out, nil
}

func amendSigner(signer []byte, change func([][]byte) [][]byte) []byte {
	element := cryptobyte.String(signer)
	var fields, set cryptobyte.String
	element.ReadASN1(&fields, tags.SEQUENCE) // Parse has read it
	parts := split(fields)
	var present [][]byte
	keep := false // a set that was sent empty
	unsigned := cryptobyte.String(parts[len(parts)-1])
	if unsigned.PeekASN1Tag(contextTag(1)) {
		unsigned.ReadASN1(&set, contextTag(1))
		present = split(set)
		parts, keep = parts[:len(parts)-1], len(present) == 0
	}
	if present = change(present); len(present) > 0 || keep {
		parts = append(parts, explicit(1, present...))
	}
	return sequence(parts...)
}

// split cuts the contents of a constructed value, known to be well formed, into its elements.
func split(contents cryptobyte.String) [][]byte {
	var elements [][]byte
	for !contents.Empty() {
		var element cryptobyte.String
		var tag tags.Tag
		if !contents.ReadAnyASN1Element(&element, &tag) {
			return append(elements, contents)
		}
		elements = append(elements, element)
	}
	return elements
}
