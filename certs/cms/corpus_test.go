package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/csv"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"congvan/certs/cms"
)

// corpus finds ../shared/corpus/signing beside the repository; the test is skipped where it is not there.
func corpus(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		if folder == filepath.Dir(folder) {
			t.Skip("no go.mod above")
		}
		folder = filepath.Dir(folder)
	}
	folder = filepath.Join(folder, "..", "shared", "corpus", "signing")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("no corpus beside the repository")
	}
	return folder
}

func corpusFiles(t *testing.T, folder string, endings ...string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains(endings, strings.ToLower(filepath.Ext(name))) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// integrity is what the source projects state of each file.
func integrity(t *testing.T, folder string) map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = '\t', true, -1
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	stated := map[string]string{}
	for _, row := range rows {
		stated[row[0]] = row[slices.Index(rows[0], "exp_integrity")]
	}
	return stated
}

// elsewhere is where a source project's word is about something other than the signature values in the file.
var elsewhere = map[string]string{
	"Signature-C-DE_CRY-4.p7m":          "about a time-stamp in it; openssl verifies the signature",
	"C-E-ERS-basic-invalid-sig.p7m":     "about an evidence record in it; openssl verifies the signature",
	"cades-double-signing-time.p7m":     "the project states both",
	"cades-duplicated-signed-attrs.p7m": "the content is not at hand",
}

// TestCorpusIsReadAndJudgedAsItsAuthorsSay reads all CMS files of the corpus. Content that is not at hand is taken to
// be right, so that only the values and attributes of detached signatures are judged.
func TestCorpusIsReadAndJudgedAsItsAuthorsSay(t *testing.T) {
	t.Parallel()
	folder := corpus(t)
	stated := integrity(t, folder)
	files, unread, signatures, agreed, withoutKey := 0, 0, 0, 0, 0
	for _, name := range corpusFiles(t, folder, ".p7m", ".p7s", ".pkcs7", ".cms") {
		data := must(os.ReadFile(name))
		name = filepath.ToSlash(must(filepath.Rel(folder, name)))
		files++
		signed, err := cms.Parse(data)
		if err != nil {
			unread++
			if stated[name] == "ok" {
				t.Errorf("%s: %v", name, err)
			}
			t.Logf("not read: %s: %v", name, err)
			continue
		}
		for i := range signed.Signers {
			signatures++
			decided, err := judge(signed, &signed.Signers[i])
			_, besides := elsewhere[path.Base(name)]
			switch {
			case !decided:
				withoutKey++
				t.Logf("no key: %s", name)
			case besides || stated[name] == "" || signed.Detached && stated[name] == "fail":
			case (err == nil) != (stated[name] == "ok"):
				t.Errorf("%s: stated %q, here %v", name, stated[name], err)
			default:
				agreed++
			}
		}
	}
	t.Logf("%d files, %d not read, %d signatures, %d without a key, %d agree with what is stated",
		files, unread, signatures, withoutKey, agreed)
	if files == 0 || agreed < 70 {
		t.Errorf("only %d of %d signatures were compared", agreed, signatures)
	}
}

// judge verifies one signature; it is not decided when there is no key.
func judge(signed *cms.SignedData, signer *cms.SignerInfo) (decided bool, err error) {
	sum := signer.MessageDigest
	if !signed.Detached && slices.Contains(signed.Hashes(), signer.Digest) {
		sum = hashed(signer.Digest, signed.Content)
	}
	var key crypto.PublicKey
	if certificate := signer.FindSigner(signed.Certificates); certificate != nil {
		key = certificate.PublicKey
	} else if bare := signer.FindBare(signed.Unparsed); bare != nil {
		key = bare.PublicKey
	}
	if key == nil {
		return false, nil
	}
	_, err = signer.VerifyKey(key, sum)
	return true, err
}

// TestTimestampsOfTheCorpusAreVerified looks at tokens in files of their own and beside signature values.
func TestTimestampsOfTheCorpusAreVerified(t *testing.T) {
	t.Parallel()
	folder := corpus(t)
	tokens, verified, covering := 0, 0, 0
	look := func(name string, der []byte, value []byte) {
		tokens++
		token, err := cms.ParseTimestampToken(der)
		if err != nil {
			t.Logf("%s: %v", name, err)
			return
		}
		if certificate := token.FindSigner(nil); certificate != nil {
			if err := token.Verify(certificate); err == nil {
				verified++
			} else {
				t.Logf("%s: %v", name, err)
			}
		}
		if value != nil && token.Info.Hash.Available() && token.Covers(token.Info.Hash, hashed(token.Info.Hash, value)) {
			covering++
		}
	}
	for _, name := range corpusFiles(t, folder, ".p7m", ".p7s", ".pkcs7", ".cms", ".tst", ".tsr") {
		data := must(os.ReadFile(name))
		if response, err := cms.ParseTimestampResponse(data); err == nil {
			data = response.Token
		}
		if signed, err := cms.Parse(data); err == nil && signed.ContentType.Equal(cms.OIDTSTInfo) {
			look(filepath.Base(name), data, nil)
		} else if err == nil {
			for _, signer := range signed.Signers {
				for _, stamp := range signer.SignatureStamps {
					sameWithin(t, filepath.Base(name), stamp)
					look(filepath.Base(name), stamp, signer.Signature)
				}
			}
		}
	}
	t.Logf("%d time-stamps, %d verify with a certificate in them, %d stamp their signature", tokens, verified, covering)
	if verified < 60 || covering < 55 {
		t.Errorf("of %d time-stamps only %d verify and %d stamp their signature", tokens, verified, covering)
	}
}

// sameWithin checks that a value of something that was parsed is read within it as it is read alone.
func sameWithin(t *testing.T, name string, value []byte) {
	t.Helper()
	alone, errAlone := cms.Parse(value)
	within, errWithin := cms.ParseWithin(value, x509.ParseCertificate)
	switch {
	case (errAlone == nil) != (errWithin == nil):
		t.Errorf("%s: alone %v, within %v", name, errAlone, errWithin)
	case errAlone == nil && (!bytes.Equal(alone.Raw, within.Raw) || alone.WasBER || alone.Trailing != 0):
		t.Errorf("%s: a value that is not DER stood in what was parsed", name)
	}
}
