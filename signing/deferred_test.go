package signing_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
	"congvan/signing/pdf"
)

func TestASessionIsFinishedElsewhereWithAValueOfAnotherKeyHolder(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for _, kind := range []certs.KeyKind{certs.RSA2048, certs.ECDSAP256, certs.ECDSAP384, certs.Ed25519} {
		document := blank(1)
		identity := certstest.Leader(t, w.authority, kind)
		order := w.order(identity, signing.LevelLTA)
		order.Identity.Signer = nil
		session := kept(t, prepareSession(t, document, order))

		input, options := session.Input()
		value, err := identity.Signer.Sign(rand.Reader, input, options)
		if err != nil {
			t.Fatal(err)
		}
		from := signing.Completion{Stamper: w.stamper, Evidence: w.evidence}
		for range 2 { // a session that was finished can be finished again, with the same result but for the time stamp
			signed, err := signing.Finish(t.Context(), bytes.NewReader(document), session, value, from)
			if err != nil || signed.Pending != "" {
				t.Fatalf("kind %d: %v, %v", kind, err, signed.Owed)
			}
			examined(t, whole(t, document, signed), w, signing.LevelLTA)
		}
		wrong := bytes.Clone(value)
		wrong[len(wrong)/2] ^= 1
		if _, err := signing.Finish(t.Context(), bytes.NewReader(document), session, wrong, from); !errors.Is(err,
			signing.ErrForeignValue) {
			t.Errorf("kind %d: a wrong value: %v", kind, err)
		}
	}
}

func prepareSession(t *testing.T, document []byte, order signing.Order) signing.Session {
	t.Helper()
	session, err := signing.Prepare(t.Context(), bytes.NewReader(document), int64(len(document)), order)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// kept sends a session through a database.
func kept(t *testing.T, session signing.Session) signing.Session {
	t.Helper()
	text, err := json.Marshal(session)
	if err != nil {
		t.Fatal(err)
	}
	var again signing.Session
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	return again
}

func TestASessionThatWasTamperedWithIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document := blank(1)
	identity := certstest.Leader(t, w.authority, certs.ECDSAP256)
	good := prepareSession(t, document, w.order(identity, signing.LevelB))
	input, options := good.Input()
	value, err := identity.Signer.Sign(rand.Reader, input, options)
	if err != nil {
		t.Fatal(err)
	}
	other := certstest.Leader(t, w.authority, certs.ECDSAP256)
	for name, change := range map[string]func(*signing.Session){
		"tail":           func(s *signing.Session) { s.Tail.Bytes[3] ^= 1 },
		"place":          func(s *signing.Session) { s.Tail.From = s.Tail.To },
		"beyond":         func(s *signing.Session) { s.Tail.To = len(s.Tail.Bytes) + 1 },
		"size":           func(s *signing.Session) { s.Size++ },
		"digest":         func(s *signing.Session) { s.Digest = bytes.Repeat([]byte{1}, 32) },
		"original":       func(s *signing.Session) { s.Original = bytes.Repeat([]byte{1}, 32) },
		"attributes":     func(s *signing.Session) { s.Attributes = append(s.Attributes, 0) },
		"certificate":    func(s *signing.Session) { s.Certificate = other.Certificate.Raw },
		"no certificate": func(s *signing.Session) { s.Certificate = nil },
		"midstates":      func(s *signing.Session) { s.Midstates = nil },
		"bad midstate":   func(s *signing.Session) { s.Midstates[crypto.SHA256] = []byte("x") },
		"bad hash":       func(s *signing.Session) { s.Midstates[crypto.Hash(77)] = []byte("x") },
	} {
		session := kept(t, good)
		change(&session)
		signed, err := signing.Finish(t.Context(), bytes.NewReader(document), session, value, signing.Completion{})
		if signing.RefusalCode(err) == "" || signed.Tail != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAWholeObjectOfOpenSSLFinishesASession(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	w := newWorkshop(t)
	document := blank(1)
	identity := certstest.Leader(t, w.authority, certs.RSA2048)
	key := file(t, "key.pem", pemKey(t, identity.Signer))
	certificate := file(t, "cert.pem", certs.EncodePEM(identity.Certificate))
	for name, tc := range map[string]struct {
		known  bool
		digest string
		extra  []string
	}{
		"certificate known":             {true, "sha256", []string{"-cades"}},
		"certificate unknown":           {false, "sha256", []string{"-cades"}},
		"another hash":                  {false, "sha384", []string{"-cades"}},
		"legacy, certificate not bound": {false, "sha256", nil},
	} {
		order := w.order(identity, signing.LevelT)
		order.Identity.Signer = nil
		if !tc.known {
			order.Identity = certs.Identity{}
		}
		session := kept(t, prepareSession(t, document, order))
		before, after := session.Tail.Covered()
		content := file(t, "content", bytes.Join([][]byte{document, before, after}, nil))
		made := file(t, "made.der", nil)
		arguments := append([]string{
			"cms", "-sign", "-binary", "-outform", "DER", "-in", content, "-signer", certificate,
			"-inkey", key, "-md", tc.digest, "-out", made,
		}, tc.extra...)
		if out, err := run(t, openssl, arguments...); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		object, err := os.ReadFile(made)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signing.FinishCMS(t.Context(), bytes.NewReader(document), session, object,
			signing.Completion{Stamper: w.stamper})
		if err != nil || signed.Level != signing.LevelT {
			t.Errorf("%s: %s, %v", name, signed.Level, err)
			continue
		}
		out := whole(t, document, signed)
		peersAccept(t, out, 1, true, true)
		stranger := kept(t, prepareSession(t, blank(2), order))
		_, err = signing.FinishCMS(t.Context(), bytes.NewReader(blank(2)), stranger, object,
			signing.Completion{Stamper: w.stamper})
		if !errors.Is(err, signing.ErrForeignValue) {
			t.Errorf("%s: accepted for another document: %v", name, err)
		}
	}
}

func TestForeignObjectsThatAreNotOursAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document := blank(1)
	order := w.order(certs.Identity{}, signing.LevelB)
	session := prepareSession(t, document, order)
	other := certstest.Leader(t, w.authority, certs.ECDSAP256)
	made, err := signing.SignDetached(t.Context(), bytes.NewReader(document), w.order(other, signing.LevelB))
	if err != nil {
		t.Fatal(err)
	}
	for name, object := range map[string][]byte{
		"nothing": nil, "rubbish": []byte("rubbish"), "over something else": made.Bytes,
		"too large": bytes.Repeat([]byte{0x30}, 2<<20),
	} {
		_, err := signing.FinishCMS(t.Context(), bytes.NewReader(document), session, object, signing.Completion{})
		if !errors.Is(err, signing.ErrForeignValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	before, after := session.Tail.Covered()
	content := bytes.Join([][]byte{document, before, after}, nil)
	made, err = signing.SignDetached(t.Context(), bytes.NewReader(content), w.order(other, signing.LevelB))
	if err != nil {
		t.Fatal(err)
	}
	_, err = signing.FinishCMS(t.Context(), bytes.NewReader(document), session, made.Bytes, signing.Completion{})
	if err != nil {
		t.Errorf("what was made over the right bytes: %v", err)
	}
	known := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelB)
	session = prepareSession(t, document, known)
	before, after = session.Tail.Covered()
	content = bytes.Join([][]byte{document, before, after}, nil)
	made, err = signing.SignDetached(t.Context(), bytes.NewReader(content), w.order(other, signing.LevelB))
	if err != nil {
		t.Fatal(err)
	}
	_, err = signing.FinishCMS(t.Context(), bytes.NewReader(document), session, made.Bytes, signing.Completion{})
	if !errors.Is(err, signing.ErrForeignValue) {
		t.Errorf("another certificate than announced: %v", err)
	}
}

func TestAnObjectThatIsTooLargeForItsRoomIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document := blank(1)
	stamps := certstest.Issue(t, w.authority, certs.Order{Use: certs.UseTimestamping})
	url := certstest.Stamper(t, certstest.Stamping{Signer: stamps, Now: certstest.At(certstest.Noon), Pad: 40 << 10})
	identity := certstest.Leader(t, w.authority, certs.ECDSAP256)
	session := prepareSession(t, document, w.order(identity, signing.LevelT))
	input, options := session.Input()
	value, err := identity.Signer.Sign(rand.Reader, input, options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = signing.Finish(t.Context(), bytes.NewReader(document), session, value,
		signing.Completion{Stamper: certstest.Client(t, url)})
	if !errors.Is(err, pdf.ErrRoom) || signing.RefusalCode(err) == "" {
		t.Errorf("error %v", err)
	}
}

func TestAnUploadIsTheOriginalWithExactlyOneGoodSignatureMore(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	identity := certstest.Leader(t, w.authority, certs.RSA2048)
	original, _ := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT))
	good, made := sign(t, original, w.order(identity, signing.LevelB))
	check := func(file []byte) (signing.Upload, error) {
		section := func(data []byte) *io.SectionReader {
			return io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))
		}
		return signing.CheckUpload(t.Context(), section(original), section(file))
	}
	upload, err := check(good)
	if err != nil || upload.Field != made.Field || !bytes.Equal(upload.Certificate, identity.Certificate.Raw) {
		t.Fatalf("%+v: %v", upload.Field, err)
	}
	again, _ := sign(t, good, w.order(identity, signing.LevelB))
	changed := bytes.Replace(good, []byte("/MediaBox[0 0 595 842]"), []byte("/MediaBox[0 0 595 843]"), 1)
	broken := bytes.Clone(good)
	broken[len(original)+30] ^= 1
	other, _ := sign(t, blank(2), w.order(identity, signing.LevelB))
	for name, tc := range map[string]struct {
		file []byte
		want error
	}{
		"nothing added": {original, signing.ErrNotExtension}, "shorter": {original[:100], signing.ErrNotExtension},
		"two signatures": {again, signing.ErrNotOneMore}, "only bytes": {
			append(bytes.Clone(original), '\n'),
			signing.ErrNotOneMore,
		},
		"changed before": {changed, signing.ErrNotExtension}, "another document": {
			append(other, good...),
			signing.ErrNotExtension,
		},
		"bytes behind": {append(bytes.Clone(good), '\n'), signing.ErrNotOneMore},
	} {
		if _, err := check(tc.file); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := check(broken); err == nil {
		t.Error("a broken signature was taken")
	}
}
