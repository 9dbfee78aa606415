package cms

import (
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// Identifier octets that this package writes.
const (
	tagInteger     = 0x02
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagOID         = 0x06
	tagUTF8String  = 0x0c
	tagUTCTime     = 0x17
	tagGeneralTime = 0x18
	tagSequence    = 0x30
	tagSet         = 0x31
	tagContext     = 0xa0 // constructed; the number is added
)

// derNull is the parameters that RSA algorithm identifiers carry.
var derNull = []byte{0x05, 0x00}

// tlv is the DER of a value: its tag, its length and the parts of its contents one after the other.
func tlv(tag byte, parts ...[]byte) []byte {
	length := total(parts)
	out := appendHead(make([]byte, 0, longestHead+length), tag, length)
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

// longestHead is how many bytes a tag and a length take at most.
const longestHead = 6

// head is what stands before contents of so many bytes.
func head(tag byte, length int) []byte { return appendHead(make([]byte, 0, longestHead), tag, length) }

func appendHead(out []byte, tag byte, length int) []byte {
	octets := lengthOctets(length)
	if octets == 0 {
		return append(out, tag, low(length))
	}
	out = append(out, tag, 0x80|low(octets))
	for ; octets > 0; octets-- {
		out = append(out, low(length>>(8*(octets-1))))
	}
	return out
}

// total is how many bytes the parts have together.
func total(parts [][]byte) int {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	return length
}

// low is the lowest eight bits.
func low(n int) byte { return byte(n & 0xff) }

func sequence(parts ...[]byte) []byte { return tlv(tagSequence, parts...) }

func explicit(number byte, parts ...[]byte) []byte { return tlv(tagContext+number, parts...) }

// setOf is the DER of a SET OF these values: sorted by their encoding (X.690, 11.6).
func setOf(tag byte, values [][]byte) []byte {
	return tlv(tag, sorted(values)...)
}

// sorted are the values in the order of a SET OF; the given slice stays as it is.
func sorted(values [][]byte) [][]byte {
	if len(values) < 2 {
		return values
	}
	values = slices.Clone(values)
	slices.SortFunc(values, slices.Compare)
	return values
}

func derOID(oid asn1.ObjectIdentifier) []byte {
	if len(oid) < 2 {
		return tlv(tagOID)
	}
	contents := appendBase128(make([]byte, 0, 16), oid[0]*40+oid[1])
	for _, arc := range oid[2:] {
		contents = appendBase128(contents, arc)
	}
	return tlv(tagOID, contents)
}

func appendBase128(out []byte, n int) []byte {
	shift := 0
	for n>>(shift+7) > 0 {
		shift += 7
	}
	for ; shift > 0; shift -= 7 {
		out = append(out, 0x80|low(n>>shift)&0x7f)
	}
	return append(out, low(n)&0x7f)
}

func derInt(n int64) []byte {
	octets := 1
	for rest := n >> 7; rest != 0 && rest != -1; rest >>= 8 {
		octets++
	}
	out := append(make([]byte, 0, 2+octets), tagInteger, low(octets))
	for ; octets > 0; octets-- {
		out = append(out, low(int(n>>(8*(octets-1)))))
	}
	return out
}

func derBigInt(n *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1BigInt(n)
	return b.BytesOrPanic() // a big integer has always an encoding
}

// derTime is a moment as RFC 5652, 11.3 wants it: UTCTime from 1950 to 2049, GeneralizedTime else.
func derTime(moment time.Time) []byte {
	moment = moment.UTC()
	if year := moment.Year(); year >= 1950 && year < 2050 {
		return tlv(tagUTCTime, []byte(moment.Format("060102150405Z")))
	}
	return tlv(tagGeneralTime, []byte(moment.Format("20060102150405Z")))
}

// derAlgorithm is an AlgorithmIdentifier; params may be nil.
func derAlgorithm(oid asn1.ObjectIdentifier, params []byte) []byte {
	return sequence(derOID(oid), params)
}

// readAlgorithm reads an AlgorithmIdentifier; params is the whole element, empty when absent.
func readAlgorithm(s *cryptobyte.String) (oid asn1.ObjectIdentifier, params cryptobyte.String, ok bool) {
	var inner cryptobyte.String
	ok = s.ReadASN1(&inner, tags.SEQUENCE) && inner.ReadASN1ObjectIdentifier(&oid)
	return oid, inner, ok
}

// readTime reads a UTCTime or GeneralizedTime, with or without fractions of a second and zone.
func readTime(s *cryptobyte.String) (time.Time, bool) {
	var contents cryptobyte.String
	var tag tags.Tag
	if !s.ReadAnyASN1(&contents, &tag) || len(contents) > 32 {
		return time.Time{}, false
	}
	layouts := []string{"20060102150405Z0700", "200601021504Z0700", "20060102150405"}
	if tag == tags.UTCTime {
		layouts = []string{"060102150405Z0700", "0601021504Z0700"}
	} else if tag != tags.GeneralizedTime {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		moment, err := time.Parse(layout, string(contents))
		if err != nil {
			continue
		}
		if tag == tags.UTCTime && moment.Year() >= 2050 {
			moment = moment.AddDate(-100, 0, 0) // RFC 5280, 4.1.2.5.1
		}
		moment = moment.UTC()
		return moment, moment.Year() > 0 && moment.Year() <= 9999 // the zone may have moved it out of what can be written
	}
	return time.Time{}, false
}

func contextTag(number uint8) tags.Tag { return tags.Tag(number).Constructed().ContextSpecific() }

// readFlag reads a BOOLEAN DEFAULT FALSE, which some send although it is the default.
func readFlag(s *cryptobyte.String, flag *bool) bool {
	return !s.PeekASN1Tag(tags.BOOLEAN) || s.ReadASN1Boolean(flag)
}
