package cms_test

import (
	"crypto"
	"crypto/rand"
	"testing"

	"congvan/certs/cms"
)

// Each benchmark stands beside the bare operation of its key, over a digest that was taken beforehand.

func BenchmarkSign(b *testing.B) {
	for _, name := range []string{"rsa", "pss", "p256", "ed25519"} {
		party := everyScheme(b)[name]
		draft := party.draft(letter, false)
		attributes := must(cms.SignedAttributes(draft))
		b.Run(name+"/bare", func(b *testing.B) {
			input, options := party.scheme.Input(attributes)
			for b.Loop() {
				must(party.key.Sign(rand.Reader, input, options))
			}
		})
		b.Run(name+"/cms", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(cms.Sign(party.key, draft))
			}
		})
		value := must(party.scheme.Sign(party.key, attributes))
		b.Run(name+"/around", func(b *testing.B) { // all but the key's own work
			b.ReportAllocs()
			for b.Loop() {
				attributes := must(cms.SignedAttributes(draft))
				party.scheme.Input(attributes)
				must(cms.Assemble(draft, attributes, value))
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, name := range []string{"rsa", "pss", "p256", "ed25519"} {
		party := everyScheme(b)[name]
		der := must(cms.Sign(party.key, party.draft(letter, false)))
		sum := hashed(party.scheme.ContentHash(), letter)
		signer := must(cms.Parse(der)).Signers[0]
		b.Run(name+"/bare", func(b *testing.B) {
			input, _ := party.scheme.Input(signer.RawSigned)
			for b.Loop() {
				if err := party.scheme.VerifyInput(party.key.Public(), input, signer.Signature); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/cms", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				signed := must(cms.Parse(der))
				certificate := signed.Signers[0].FindSigner(signed.Certificates)
				if _, matches := signed.Signers[0].MatchESS(certificate); !matches {
					b.Fatal("not bound")
				}
				if _, err := signed.Signers[0].Verify(certificate, sum); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	party := newParty(b, "p256")
	der := must(cms.Sign(party.key, party.draft(letter, true)))
	hostile := make([]byte, 0, 1<<20)
	for len(hostile) < cap(hostile)-4 {
		hostile = append(hostile, 0x30, 0x80, 0, 0)
	}
	hostile = append(append([]byte{0x30, 0x80}, hostile[:len(hostile)-4]...), 0, 0)
	for name, data := range map[string][]byte{"DER": der, "BER": ber(der, 1000), "hostile BER of 1 MB": hostile} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				cms.Parse(data) // the hostile one is refused
			}
		})
	}
}

func BenchmarkMessage(b *testing.B) {
	for _, kind := range []string{"p256", "ed25519"} {
		party := newParty(b, kind)
		sealed := must(cms.SealMessage(letter, party.key, party.certificate, nil))
		b.Run(kind+"/seal", func(b *testing.B) {
			for b.Loop() {
				must(cms.SealMessage(letter, party.key, party.certificate, nil))
			}
		})
		b.Run(kind+"/open", func(b *testing.B) {
			for b.Loop() {
				must(cms.OpenMessage(sealed))
			}
		})
	}
}

func BenchmarkTimestamp(b *testing.B) {
	authority := newAuthority(b, "rsa")
	der := must(cms.BuildTimestampToken(authority.key, authority.draft(nil, false), stampInfo()))
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			token := must(cms.ParseTimestampToken(der))
			if err := token.Verify(token.FindSigner(nil)); err != nil || !token.Covers(crypto.SHA256, stampInfo().Imprint) {
				b.Fatal(err)
			}
		}
	})
}
