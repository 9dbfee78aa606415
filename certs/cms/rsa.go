package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"math/big"
)

const (
	largestRSA = 8192 // bits; a verification takes a millisecond or two
	largestDSA = 4096 // bits

	largestSubgroup = 512 // bits; of DSA's Q, which is 160 to 256 in all standards
)

// verifyRSA checks PKCS #1 v1.5 and PSS values. The standard library does what it is willing to do; it refuses keys
// under 1024 bits, exponents over 31 bits, masks of another hash and digest infos without NULL, all of which archives
// hold. Verifying is public arithmetic, so math/big is good enough for the rest.
func verifyRSA(key *rsa.PublicKey, s Scheme, input, value []byte) bool {
	switch {
	case s.Algorithm == RSAPKCS1:
		return rsa.VerifyPKCS1v15(key, s.Hash, input, value) == nil || verifyLegacyPKCS1(key, s.Hash, input, value)
	case s.Algorithm == RSAPSS && s.MGF == 0:
		options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: s.Hash}
		err := rsa.VerifyPSS(key, s.Hash, input, value, options)
		return err == nil || !errors.Is(err, rsa.ErrVerification) && verifyLegacyPSS(key, s, input, value)
	case s.Algorithm == RSAPSS:
		return verifyLegacyPSS(key, s, input, value)
	}
	return false
}

// publicRSA is RSAVP1 (RFC 8017, 5.2.2): the encoded message as so many bytes, or nil when the value is out of range.
func publicRSA(key *rsa.PublicKey, value []byte, size int) []byte {
	n := key.N
	if n.Sign() <= 0 || key.E < 3 || key.E&1 == 0 || len(value) != (n.BitLen()+7)/8 {
		return nil
	}
	m := new(big.Int).SetBytes(value)
	if m.Cmp(n) >= 0 {
		return nil
	}
	m.Exp(m, big.NewInt(int64(key.E)), n)
	if m.BitLen() > 8*size {
		return nil
	}
	return m.FillBytes(make([]byte, size))
}

// verifyLegacyPKCS1 compares with the whole encoded message, built anew, so that nothing of it can be chosen freely.
// The parameters of the digest algorithm may be absent (RFC 8017, A.2.4).
func verifyLegacyPKCS1(key *rsa.PublicKey, hash crypto.Hash, input, value []byte) bool {
	size := (key.N.BitLen() + 7) / 8
	encoded := publicRSA(key, value, size)
	oid := oidForHash(hash)
	if encoded == nil || oid == nil {
		return false
	}
	for _, params := range [][]byte{derNull, nil} {
		info := sequence(derAlgorithm(oid, params), tlv(tagOctetString, input))
		padding := size - len(info) - 3
		if padding < 8 {
			continue
		}
		want := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, padding)...)
		want = append(append(want, 0), info...)
		if bytes.Equal(encoded, want) {
			return true
		}
	}
	return false
}

// verifyLegacyPSS is EMSA-PSS-VERIFY (RFC 8017, 9.1.2) with a salt of any length and any hash for the mask.
func verifyLegacyPSS(key *rsa.PublicKey, s Scheme, input, value []byte) bool {
	bits := key.N.BitLen() - 1
	size, hashSize := (bits+7)/8, s.Hash.Size()
	mask := s.MGF
	if mask == 0 {
		mask = s.Hash
	}
	encoded := publicRSA(key, value, size)
	if encoded == nil || size < hashSize+2 || encoded[size-1] != 0xbc || !mask.Available() {
		return false
	}
	block, sum := encoded[:size-hashSize-1], encoded[size-hashSize-1:size-1]
	unused := byte(0xff) >> (8*size - bits) // of the first byte, the bits that are in use
	if block[0]&^unused != 0 {
		return false
	}
	subtle.XORBytes(block, block, mgf1(mask, sum, len(block)))
	block[0] &= unused
	at := bytes.IndexByte(block, 1)
	if at < 0 || !zeros(block[:at]) {
		return false
	}
	return bytes.Equal(sum, digest(s.Hash, make([]byte, 8), input, block[at+1:]))
}

// mgf1 is the mask generation function of RFC 8017, B.2.1.
func mgf1(hash crypto.Hash, seed []byte, size int) []byte {
	var out []byte
	for counter := uint32(0); len(out) < size; counter++ {
		out = append(out, digest(hash, seed, []byte{
			byte(counter >> 24), byte(counter >> 16), byte(counter >> 8), byte(counter),
		})...)
	}
	return out[:size]
}
