package signing_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing"
	"congvan/signing/pdf"
)

// corpusRow is one file of the shared corpus with what its source project says of it.
type corpusRow struct {
	file, kind                                                       string
	signatures, integrity, modification, level, status, time, source string
}

// sharedFolder finds ../shared beside the repository, or skips the test.
func sharedFolder(tb testing.TB, parts ...string) string {
	tb.Helper()
	folder, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		if parent := filepath.Dir(folder); parent != folder {
			folder = parent
			continue
		}
		tb.Fatal("no go.mod above the test")
	}
	path := filepath.Join(append([]string{filepath.Dir(folder), "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("no shared corpus: %v", err)
	}
	return path
}

func corpusRows(tb testing.TB) (folder string, rows []corpusRow) {
	tb.Helper()
	folder = sharedFolder(tb, "corpus", "signing")
	file, err := os.Open(filepath.Join(folder, "manifest.tsv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = '\t', true, -1
	records, err := reader.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range records[0] {
		column[name] = i
	}
	for _, record := range records[1:] {
		at := func(name string) string { return strings.TrimSpace(record[column[name]]) }
		rows = append(rows, corpusRow{
			file: at("file"), kind: at("kind"), signatures: at("exp_nsig"), integrity: at("exp_integrity"),
			modification: at("exp_modification"), level: at("exp_level"), status: at("exp_status"), time: at("exp_time"),
			source: at("exp_source"),
		})
	}
	return folder, rows
}

var corpusMoment = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func examineCorpusFile(tb testing.TB, folder string, row corpusRow, policy signing.Policy) signing.Report {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(folder, row.file))
	if err != nil {
		tb.Fatal(err)
	}
	policy.At, policy.Anchors = corpusMoment, trustedIn(data, filepath.Base(row.file))
	if other := carriesAnchors[filepath.Base(row.file)]; other != "" {
		carrier, err := os.ReadFile(filepath.Join(folder, other))
		if err != nil {
			tb.Fatal(err)
		}
		policy.Anchors = policy.Anchors.With(trustedIn(carrier, filepath.Base(row.file)))
	}
	if content, ok := detachedContents[filepath.Base(row.file)]; ok {
		policy.Content, policy.ContentDigests = content.reader(), content.digests()
	}
	report, err := signing.Examine(tb.Context(), bytes.NewReader(data), int64(len(data)), policy)
	if err != nil {
		tb.Errorf("%s: %v", row.file, err)
	}
	return report
}

// detached is the content that the source project's test gives with a detached signature: the text itself, or its
// digest where the content is a file that is not in the corpus.
type detached struct {
	text   string
	sha256 string
	sha512 string
	sha1   string
}

func (d detached) reader() io.Reader {
	if d.text == "" {
		return nil
	}
	return strings.NewReader(d.text)
}

func (d detached) digests() map[crypto.Hash][]byte {
	digests := map[crypto.Hash][]byte{}
	for algorithm, text := range map[crypto.Hash]string{
		crypto.SHA1: d.sha1, crypto.SHA256: d.sha256, crypto.SHA512: d.sha512,
	} {
		if value, err := hex.DecodeString(text); err == nil && len(value) > 0 {
			digests[algorithm] = value
		}
	}
	return digests
}

const (
	screenshotSHA256 = "872775ea3b9ebfdca1f9a5c9b525ee9a80e1c032e1dd7252a70930fd90fe712f"
	screenshotSHA512 = "5cb8fa6cba081248ee4c1426922e3f3477b62104b90469c36febbf077f369b1b" +
		"f81eee8810b67ed5400947e69d0f06af4c4ed45e27ec3d515715c3a6ee5a0dc2"
	screenshot2SHA256 = "a6989cea4cdf69c823a5c3224851a4305acba8de64dd51de152eddb36607419b"
	screenshot2SHA512 = "4b1d586f51dfcd2c0acb4a0e24eb04cf49a4292d693006df930938e0ac6213df" +
		"a7d2c70619ad4d5829e0e50bf3159e2ed029dc7f8d057131a95097f1942bbd47"
)

var detachedContents = map[string]detached{
	"cades-bes-signeddata-detached.p7s":               {text: "Hello World"},
	"cades-tstv2-detached.p7s":                        {text: "aaa"},
	"C-E-ERS-detached-invalid.p7s":                    {text: "Hello World!"},
	"C-E-ERS-detached-original-not-covered.p7s":       {text: "Hello World!"},
	"C-E-ERS-detached.p7s":                            {text: "Hello World!"},
	"C-E-ERS-detached_renewed_hashtree.p7s":           {text: "Hello World!"},
	"C-E-ERS-detached_renewed_hashtree_invalid.p7s":   {text: "Hello World!"},
	"Double-C-E-ERS-detached_hashtree_renewal.p7m":    {text: "Hello World !!!"},
	"test.txt.signed_Certipost-2048.detached.old.p7s": {text: "test"},
	"cades-ats-v3-rev-val-crl.p7s":                    {sha256: screenshot2SHA256, sha512: screenshot2SHA512},
	"cades-ats-v3-wrong-crl.p7s":                      {sha256: screenshot2SHA256, sha512: screenshot2SHA512},
	"screenshot.png.signed_qes_detached.p7s":          {sha256: screenshotSHA256, sha512: screenshotSHA512},
	"signatureExtendedTwoLTA.p7s":                     {sha256: screenshotSHA256, sha512: screenshotSHA512},
	"detached_with_counter_sig.p7m": {
		sha256: "d29a7be666ecae1477526dd34e48fca0157f8175dd521444bd74eff778620454",
	},
	"C-E-ERS-detached-ber.p7s": {
		sha256: "f978af3f4b69bb01f868eddb1b65628c745f72added1f550a3a1bd9273515569",
	},
	"cades-double-signing-certificate.p7m": {
		sha256: "08fa763b05b379983f280a3840542ec2d62db671ff1e5376c42c602e4ae7ffb8",
	},
	"cades-duplicated-signed-attrs.p7m": {
		sha256: "5853d8fec1a67ce2be90e70da3ec7a8056be20924779b55dff3c85029cb1b743",
	},
	"cades-invalid-ocsp-responses-encoding.p7s": {
		sha256: "c2268ee6c0dff8f2e5af50389acc36674ca2144fb90c83db31d1a9c01deb94da",
	},
}

// tally counts one column of the table. Every disagreement must be explained, and every explanation must be needed.
type tally struct {
	name          string
	explained     map[string]string // by the file's base name
	elsewhere     map[string]string // likewise: what is stated is stated of something else
	stated, right int
	against       []string
	others        []string
	faults        []string
}

func (c *tally) count(right bool, row corpusRow, stated string, report signing.Report) {
	if reason, ok := c.elsewhere[filepath.Base(row.file)]; ok {
		c.others = append(c.others, row.file+"\n        stated "+stated+"\n        why    "+reason)
		if right {
			c.faults = append(c.faults, row.file+": agrees by now; count it")
		}
		return
	}
	c.stated++
	reason, explained := c.explained[filepath.Base(row.file)]
	switch {
	case right && explained:
		c.faults = append(c.faults, row.file+": agrees by now; take its explanation out")
		c.right++
	case right:
		c.right++
	case explained:
		const table = "%s\n        stated %s\n        ours   %s\n        why    %s"
		c.against = append(c.against, fmt.Sprintf(table, row.file, stated, summary(report), reason))
	default:
		c.faults = append(c.faults, row.file+": stated "+stated+", ours "+summary(report))
	}
}

// trustedBySource names, by the SHA-256 of the certificate, whom the source project's test of a file trusts. A star
// stands for the certificates of the signers themselves.
var trustedBySource = map[string][]string{
	"counterSignedLTA.p7s": {
		"4d5f722163324780bf6c0ed79ede6fbbb6520da4c70a25d93acc6f457bc9a941",
		"8460ccaea91b0e805ab51c7cd46ddf2e8c1c494806d88b1fe2ed313d1d487e2e",
	},
	"Double-C-E-ERS.p7m": {
		"3941b94a72b80912f4ed69364145d59203b76bc79e50dc807e88d9d293061332",
		"4be7efb429887244cf31aea571abd8b45783c41108189b3bd9fddcb925dacde3",
		"61726c187889a606dda86821a1faf3c5ff5f4a116254a2325893655c7e45f64f",
		"8027f453df0d4d7d521b1f57f06d4773dce7ccba63ee96c627656bfc11a20790",
		"9c872bc979a7c09a58d4a274c199e5cb16cfa9b9618d98bc9a9988e984b8495c",
	},
	"DSS-2199.pdf": {
		"33857338361ecfc4858ddff6b9ef6273e3db856ab9cea1c0e2c65925d1c87978",
		"d9433a905dc49572ca8491ade7dc06017dde1c0e1b36196650ea3439e0538371",
	},
	"pades-lt-extended-dss.pdf": {
		"07a68a4d9a4cb6f79f0ee87423be8bd4d3d7245aafdfa179303f0755fe17c3df",
		"1eb09d782fbe04e72d1331eabdda5593d41ee3502ac1a6524a9c96e11f86f642",
		"617df207c51979d14eb35e05afe7530c3002909cf1fd333f70ffc189df1bc662",
		"bed0f19ed46d94900d2a9fcd7c6f660b61ff7588d8b71cf8f279d5faa3021ccf",
		"c9ac1c3e980d8ceafc86ff1ef94778db77bb31cb34548936b20d057d88606278",
	},
	"self-issued-qesig.pdf": {"bed0f19ed46d94900d2a9fcd7c6f660b61ff7588d8b71cf8f279d5faa3021ccf"},
}

// carriesAnchors names another file of the corpus that carries the certificate which the source's test trusts.
var carriesAnchors = map[string]string{"self-issued-qesig.pdf": "dss/dss-pades/validation/pades-lt-extended-dss.pdf"}

// signerOfNoKeyInfo is the certificate that the source's test of no-key-info-cert.pkcs7 gives with the file.
const signerOfNoKeyInfo = "" +
	"MIID1DCCArygAwIBAgIBCjANBgkqhkiG9w0BAQsFADBNMRAwDgYDVQQDDAdnb29kLWNhMRkwFwYDVQQKDBBOb3dpbmEgU29sdXRp" +
	"b25zMREwDwYDVQQLDAhQS0ktVEVTVDELMAkGA1UEBhMCTFUwHhcNMTkwMjA3MDkzNzEyWhcNMjAxMjA3MDkzNzEyWjBPMRIwEAYD" +
	"VQQDDAlnb29kLXVzZXIxGTAXBgNVBAoMEE5vd2luYSBTb2x1dGlvbnMxETAPBgNVBAsMCFBLSS1URVNUMQswCQYDVQQGEwJMVTCC" +
	"ASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBANRx9Kn2psvpeHi5TSz53z8QxVVnz/bLq/dqo+F9JgSUR20jPdolZxZAUrz1" +
	"aoNZxBL6NFCJSoatMfgtbtKETobbGpJKlmyRlgQTxb5EDdVd3XzOWvBdne95hykfeqxE5BVWUVRMtVR6wQ0Z8YPMRdmmmc9E8RN9" +
	"MTWyWiL1oEzTToaFq7/r/IZMT4E1m3oNRwBkWXjq5JN98DZZjAZEAzcGSzJFbG3B9l+eEsuSMyPHBSiZjGUVIL0L22xc1SWD4HHX" +
	"5X5JDoC0N4ED6sxvuzcnqbyXQ+MTjuhlVZPRJ005DHLOspYXOV5CK/GiEgIEfvUNosiTch25DJbKA/bJdWkCAwEAAaOBvDCBuTAO" +
	"BgNVHQ8BAf8EBAMCBkAwgYcGCCsGAQUFBwEBBHsweTA5BggrBgEFBQcwAYYtaHR0cDovL2Rzcy5ub3dpbmEubHUvcGtpLWZhY3Rv" +
	"cnkvb2NzcC9nb29kLWNhMDwGCCsGAQUFBzAChjBodHRwOi8vZHNzLm5vd2luYS5sdS9wa2ktZmFjdG9yeS9jcnQvZ29vZC1jYS5j" +
	"cnQwHQYDVR0OBBYEFB1ptjgB419UH/uBgvqkUNxidl6aMA0GCSqGSIb3DQEBCwUAA4IBAQAUPL9ZIAVyjSEBkn9Hn2YMx/l7Xftl" +
	"fY9HR5MH8DlZHZIgkK4ELS2RVwT75CF7pxgy7xDTqrqQzW52DdZt8TcBt/SejNCdiDdYKGhxy/jLwWoCsIZNEetP++9nCQxUyyIB" +
	"NtCPV4DnaoSWIwciBZPWij33X5zZfGmMeJZODPC0Kjalbl5wSdr3UyjBKoPfX9l8n+f62CGPqRYL8E4DzlYHHR8k/sPBkR9oW0lw" +
	"WmhMSz39PYSltz2rmOmlQiZ3PlMOvQPQaxfIghi4GFGHbinZxY1p9go2hslAQayikyTYWmJ8CkPd2TGpPY9fazCZTIJQt0cqEwii" +
	"PfJ9BKxzSabp"

// trustedIn gives those of the trusted certificates that the file itself carries.
func trustedIn(data []byte, name string) certs.Anchors {
	var anchors []certs.Anchor
	if name == "no-key-info-cert.pkcs7" {
		der, _ := base64.StdEncoding.DecodeString(signerOfNoKeyInfo)
		signer, err := x509.ParseCertificate(der)
		if err != nil {
			panic(err)
		}
		return certs.NewAnchors(certs.Anchor{Certificate: signer, Realm: certs.Test})
	}
	for _, certificate := range certificatesIn(data) {
		sum := sha256.Sum256(certificate.Raw)
		if slices.Contains(trustedBySource[name], hex.EncodeToString(sum[:])) {
			anchors = append(anchors, certs.Anchor{Certificate: certificate, Realm: certs.Test})
		}
	}
	return certs.NewAnchors(anchors...)
}

// certificatesIn collects every certificate in a PDF or CMS file.
func certificatesIn(data []byte) []*x509.Certificate {
	var found []*x509.Certificate
	take := func(der []byte) {
		signed, err := cms.Parse(der)
		if err != nil {
			return
		}
		found = append(found, signed.Certificates...)
		for i := range signed.Signers {
			for _, token := range signed.Signers[i].SignatureStamps {
				if stamp, err := cms.Parse(token); err == nil {
					found = append(found, stamp.Certificates...)
				}
			}
		}
	}
	take(data)
	doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return found
	}
	signatures, _ := doc.Signatures()
	for _, signature := range signatures {
		take(signature.Contents)
	}
	store, _ := doc.DSS()
	for _, der := range store.Certs {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			found = append(found, certificate)
		}
	}
	return found
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	folder, rows := corpusRows(t)
	integrity := tally{name: "integrity", explained: integrityExplained}
	changed := tally{name: "forbidden: flagged"}
	visible := tally{name: "visible change: told"}
	allowed := tally{name: "allowed: not flagged", explained: allowedExplained}
	level := tally{name: "level", explained: levelExplained, elsewhere: levelElsewhere}
	status := tally{name: "status", explained: statusExplained, elsewhere: statusElsewhere}
	number := tally{name: "number of signatures", explained: numberExplained}
	for _, row := range rows {
		report := examineCorpusFile(t, folder, row, signing.Policy{})
		if row.signatures != "" {
			number.count(strconv.Itoa(len(signaturesOf(report))) == row.signatures, row, row.signatures, report)
		}
		if row.integrity != "" {
			integrity.count(integrityAgrees(row.integrity, report), row, row.integrity, report)
		}
		switch verdict := row.modification; {
		case verdict == "", verdict == "see-test":
		case verdict == "clean", strings.HasPrefix(verdict, "allowed"):
			allowed.count(!flagged(report), row, verdict, report)
		case verdict == "visual-change": // a warning of the source, whatever the change was
			visible.count(flagged(report) || told(report), row, verdict, report)
		default:
			changed.count(flagged(report), row, verdict, report)
		}
		if row.level != "" {
			level.count(levelAgrees(row.level, report), row, row.level, report)
		}
		if row.status != "" {
			status.count(statusAgrees(row.status, report), row, row.status, report)
		}
	}
	for _, column := range []tally{number, integrity, changed, visible, allowed, level, status} {
		t.Logf("%-22s right %3d / stated %3d, %d stated of something else", column.name, column.right, column.stated,
			len(column.others))
		for _, line := range column.against {
			t.Logf("    %s", line)
		}
		for _, line := range column.others {
			t.Logf("    not counted: %s", line)
		}
		for _, fault := range column.faults {
			t.Errorf("%s: %s", column.name, fault)
		}
	}
}

func signaturesOf(report signing.Report) []signing.Signature {
	var signatures []signing.Signature
	for _, s := range report.Signatures {
		if s.Kind == signing.KindSignature {
			signatures = append(signatures, s)
		}
	}
	return signatures
}

// integrityAgrees compares what the source says of all signatures together: ok, fail, mixed, none. A signature is good
// when its value holds over the covered bytes; to be stated bad it is enough that its form or coverage is refused.
func integrityAgrees(stated string, report signing.Report) bool {
	var intact, good, all int
	for _, s := range signaturesOf(report) {
		all++
		if s.Integrity != signing.Intact {
			continue
		}
		intact++
		if s.Indication != signing.TotalFailed || slices.Contains(s.Reasons, "modification.forbidden") {
			good++
		}
	}
	switch stated {
	case "ok":
		return all > 0 && intact == all
	case "fail":
		return all > 0 && good < all
	case "mixed":
		return good > 0 && good < all
	case "none":
		return intact == 0
	}
	return false
}

// flagged says whether a reader is told that the document was changed in a way that no signature allows.
func flagged(report signing.Report) bool {
	return slices.ContainsFunc(report.Signatures, func(s signing.Signature) bool {
		return s.Modification == signing.ModifiedForbidden || s.Coverage == signing.CoversInvalid
	})
}

// told says whether a reader is told of a change that can be seen.
func told(report signing.Report) bool {
	return slices.ContainsFunc(report.Signatures, func(s signing.Signature) bool {
		return s.Modification == signing.ModifiedFormFill || s.Modification == signing.ModifiedAnnotation
	})
}

// levelAgrees compares the profiles of the signatures with the list stated by the source in its own words.
func levelAgrees(stated string, report signing.Report) bool {
	ours := map[string]bool{}
	for _, s := range signaturesOf(report) {
		name := strings.ReplaceAll(s.Profile, "-", "_")
		if name == "" {
			name = map[bool]string{true: "CMS_NOT_ETSI", false: "PDF_NOT_ETSI"}[isCMSReport(report)]
		}
		ours[name] = true
	}
	for _, name := range strings.Split(stated, ",") {
		if !ours[name] {
			return false
		}
	}
	return true
}

func isCMSReport(report signing.Report) bool {
	return len(report.Signatures) > 0 && strings.TrimLeft(report.Signatures[0].Field, "0123456789.") == ""
}

// statusAgrees compares with a list of indications and sub-indications of ETSI, all of which some signature must have.
func statusAgrees(stated string, report signing.Report) bool {
	switch stated {
	case "container-valid":
		return report.Verdict == signing.Passed
	case "container-invalid":
		return report.Verdict != signing.Passed
	case "NO_SIGNATURE_FOUND":
		return !slices.ContainsFunc(signaturesOf(report), func(s signing.Signature) bool {
			return s.Integrity == signing.Intact
		})
	}
	for _, word := range strings.Split(stated, ",") {
		found := slices.ContainsFunc(signaturesOf(report), func(s signing.Signature) bool {
			return strings.ReplaceAll(string(s.Indication), "-", "_") == word || s.SubIndication == word ||
				word == "FAILED" && s.Indication == signing.TotalFailed || word == "PASSED" && s.Indication == signing.TotalPassed
		})
		if !found {
			return false
		}
	}
	return true
}

func summary(report signing.Report) string {
	text := string(report.Verdict) + " " + report.Error
	for _, s := range report.Signatures {
		text += fmt.Sprintf("[%s %s %s %s %s %s %s %s %s]", s.Field, s.Kind, s.Profile, s.Integrity, s.Coverage,
			s.Modification, s.Indication, s.SubIndication, strings.Join(s.Reasons, ","))
		for _, change := range s.Changes {
			if change.Grade == signing.ModifiedForbidden {
				text += " " + change.Code + " at " + change.Object
			}
		}
	}
	return text
}
