package cms

import (
	"crypto"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// derPSS writes all parameters but the trailer, whose default is the only one there is (RFC 4055, 3.1).
func derPSS(s Scheme) ([]byte, error) {
	mask := s.Hash
	if s.MGF != 0 {
		mask = s.MGF
	}
	oid, maskOID := oidForHash(s.Hash), oidForHash(mask)
	if oid == nil || maskOID == nil {
		return nil, fmt.Errorf("%w: scheme %v", ErrUnsupported, s)
	}
	params := [][]byte{}
	if s.Hash != crypto.SHA1 {
		params = append(params, explicit(0, derAlgorithm(oid, derNull)))
	}
	if mask != crypto.SHA1 {
		params = append(params, explicit(1, derAlgorithm(oidMGF1, derAlgorithm(maskOID, derNull))))
	}
	if s.SaltLen != crypto.SHA1.Size() {
		params = append(params, explicit(2, derInt(int64(s.SaltLen))))
	}
	return derAlgorithm(oidRSAPSS, sequence(params...)), nil
}

// readPSS reads RSASSA-PSS-params. Absent parameters are the defaults, all of SHA-1 (RFC 4055, 3.1).
func readPSS(params cryptobyte.String) (Scheme, bool) {
	scheme := Scheme{Algorithm: RSAPSS, Hash: crypto.SHA1, SaltLen: crypto.SHA1.Size()}
	if params.Empty() || params.PeekASN1Tag(tags.NULL) {
		return scheme, true
	}
	var fields, hash, mask, salt cryptobyte.String
	var hasHash, hasMask, hasSalt bool
	ok := params.ReadASN1(&fields, tags.SEQUENCE) && fields.ReadOptionalASN1(&hash, &hasHash, contextTag(0)) &&
		fields.ReadOptionalASN1(&mask, &hasMask, contextTag(1)) &&
		fields.ReadOptionalASN1(&salt, &hasSalt, contextTag(2))
	if ok && hasHash {
		scheme.Hash, ok = readHash(&hash)
	}
	masking := crypto.SHA1
	if ok && hasMask {
		masking, ok = readMask(&mask)
	}
	if masking != scheme.Hash {
		scheme.MGF = masking
	}
	if ok && hasSalt {
		ok = salt.ReadASN1Integer(&scheme.SaltLen) && scheme.SaltLen >= 0
	}
	if !ok {
		return Scheme{}, false
	}
	return scheme, true
}

func readMask(mask *cryptobyte.String) (crypto.Hash, bool) {
	oid, inner, ok := readAlgorithm(mask)
	if !ok || !oid.Equal(oidMGF1) {
		return 0, false
	}
	return readHash(&inner)
}

func readHash(s *cryptobyte.String) (crypto.Hash, bool) {
	oid, _, ok := readAlgorithm(s)
	hash := hashFor(oid)
	return hash, ok && hash != 0
}
