package signing_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// etsiText is what a test looks at in an ETSI report: its elements by name, and what refers to what.
type etsiText struct {
	text     map[string][]string // by element, such as MainIndication
	ids, to  []string
	elements []string // local names with their namespace, in order
}

func readETSI(tb testing.TB, data []byte) etsiText {
	tb.Helper()
	found := etsiText{text: map[string][]string{}}
	decoder := xml.NewDecoder(bytes.NewReader(data))
	var inside []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			tb.Fatalf("not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = append(inside, token.Name.Local)
			found.elements = append(found.elements, token.Name.Space+" "+token.Name.Local)
			for _, attribute := range token.Attr {
				switch attribute.Name.Local {
				case "id":
					found.ids = append(found.ids, attribute.Value)
				case "VOReference":
					found.to = append(found.to, strings.Fields(attribute.Value)...)
				}
			}
		case xml.CharData:
			if text := strings.TrimSpace(string(token)); text != "" {
				name := inside[len(inside)-1]
				found.text[name] = append(found.text[name], text)
			}
		case xml.EndElement:
			inside = inside[:len(inside)-1]
		}
	}
}

func TestTheETSIReportSaysWhatTheReportSays(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelT)
	archived, _ := sign(t, v.twice, v.order(v.seal, signing.LevelLTA))
	stranger, _ := sign(t, blank(1), v.order(certstest.Make(t, certstest.Spec{Name: "Ai đó"}), signing.LevelB))
	former := certstest.Leader(t, v.authority, certs.ECDSAP256)
	revoked, _ := sign(t, blank(1), v.order(former, signing.LevelT))
	if err := v.authority.Revoke(former.Certificate, v.at.AddDate(0, 0, -1), 1); err != nil {
		t.Fatal(err)
	}
	const main = "urn:etsi:019102:mainindication:"
	for name, tc := range map[string]struct {
		file     []byte
		main     []string // of the signatures
		sub      string
		contains []string
	}{
		"good": {
			v.twice,
			[]string{main + "total-passed", main + "total-passed"},
			"",
			[]string{"certificate", "timestamp", "OCSPResponse"},
		},
		"archived": {
			archived,
			[]string{main + "total-passed", main + "total-passed", main + "total-passed", main + "total-passed"},
			"",
			[]string{"certificate", "timestamp", "OCSPResponse"},
		},
		"forged": {
			replaced(t, v.once, "1.000.000", "9.000.000"),
			[]string{main + "total-failed"},
			"urn:etsi:019102:subindication:HASH_FAILURE",
			[]string{"certificate"},
		},
		"indeterminate": {
			stranger,
			[]string{main + "indeterminate"},
			"urn:etsi:019102:subindication:NO_CERTIFICATE_CHAIN_FOUND",
			[]string{"certificate"},
		},
		"revoked": {
			revoked,
			[]string{main + "indeterminate"},
			"urn:etsi:019102:subindication:REVOKED_NO_POE",
			[]string{"certificate", "OCSPResponse"},
		},
		"unsigned": {blank(1), []string{"urn:cef:dss:mainindication:noSignatureFound"}, "", nil},
		"unread":   {[]byte("%PDF-1.7 and nothing more"), []string{main + "indeterminate"}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := v.policy()
			policy.Revocation, policy.Verifier = v.evidence, "congvan <test> & co"
			report := examine(t, tc.file, policy)
			var text bytes.Buffer
			if err := report.Bundle.WriteETSI(&text); err != nil {
				t.Fatal(err)
			}
			found := readETSI(t, text.Bytes())
			lintETSI(t, text.Bytes())
			for _, to := range found.to {
				if !slices.Contains(found.ids, to) {
					t.Errorf("nothing is called %s", to)
				}
			}
			if slices.Sort(found.ids); len(slices.Compact(slices.Clone(found.ids))) != len(found.ids) {
				t.Errorf("two objects have one id: %v", found.ids)
			}
			indications := slices.DeleteFunc(found.text["MainIndication"], func(text string) bool {
				return text == main+"passed" || text == main+"failed" || len(report.Signatures) > 0 && text == main+"indeterminate"
			})
			if name == "indeterminate" || name == "revoked" {
				indications = []string{main + "indeterminate"}
			}
			if !slices.Equal(indications, tc.main) {
				t.Errorf("indications %v, want %v", indications, tc.main)
			}
			if tc.sub != "" && !slices.Equal(found.text["SubIndication"], []string{tc.sub}) {
				t.Errorf("%v, want %s", found.text["SubIndication"], tc.sub)
			}
			for _, kind := range tc.contains {
				if !slices.Contains(found.text["ObjectType"], "urn:etsi:019102:validationObject:"+kind) {
					t.Errorf("no %s among %v", kind, found.text["ObjectType"])
				}
			}
			checkETSIObjects(t, found, tc.file)
			checkETSIDetails(t, found, report)
		})
	}
}

// checkETSIDetails looks for what is known of each signature beside its verdict.
func checkETSIDetails(t *testing.T, found etsiText, report signing.Report) {
	t.Helper()
	var quality, reasons, times []string
	digests := 0
	for _, s := range report.Signatures {
		digests++
		if s.Realm != "" {
			quality = append(quality, "urn:congvan:quality:realm:"+s.Realm)
		}
		if s.Level != signing.LevelNone {
			quality = append(quality, "urn:congvan:quality:level:"+string(s.Level))
		}
		if s.Revocation == "revoked" {
			reasons = append(reasons, "urn:etsi:019102:revocationReason:keyCompromise")
			times = append(times, report.JudgedAt.AddDate(0, 0, -1).Format(time.RFC3339))
		}
	}
	for name, want := range map[string][]string{
		"SignatureQualityInformation": quality, "RevocationReason": reasons, "RevocationTime": times,
	} {
		if !slices.Equal(found.text[name], want) {
			t.Errorf("%s: %v, want %v", name, found.text[name], want)
		}
	}
	if got := len(found.text["Digest"]); got != digests {
		t.Errorf("%d message digests of %d signatures", got, digests)
	}
}

// checkETSIObjects compares the names of objects with their bytes, and the digest with the file.
func checkETSIObjects(t *testing.T, found etsiText, file []byte) {
	t.Helper()
	sum := sha256.Sum256(file)
	if !slices.Contains(found.text["DigestValue"], base64.StdEncoding.EncodeToString(sum[:])) {
		t.Error("the digest of the file is not there")
	}
	for _, text := range found.text["base64"] {
		der, err := base64.StdEncoding.DecodeString(text)
		sum := sha256.Sum256(der)
		if err != nil || !slices.Contains(found.ids, "V-"+hex.EncodeToString(sum[:])) {
			t.Errorf("an object is not what it is called: %v", err)
		}
	}
	if root := found.elements[0]; root != "http://uri.etsi.org/19102/v1.2.1# ValidationReport" {
		t.Errorf("the root is %s", root)
	}
}

// lintETSI asks xmllint where it is installed, with the schema where CONGVAN_ETSI_SCHEMA names a copy of it.
func lintETSI(t *testing.T, data []byte) {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Error("xmllint is not installed")
		}
		return
	}
	path := filepath.Join(t.TempDir(), "report.xml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"--nonet", "--noout", path}
	if schema := os.Getenv("CONGVAN_ETSI_SCHEMA"); schema != "" {
		arguments = append([]string{"--schema", schema}, arguments...)
	}
	if out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

func TestThereIsNoReportWithoutEvidence(t *testing.T) {
	t.Parallel()
	var none *signing.Bundle
	if err := none.WriteETSI(io.Discard); !errors.Is(err, signing.ErrNoBundle) {
		t.Errorf("%v", err)
	}
	if _, err := none.Encode(); !errors.Is(err, signing.ErrNoBundle) {
		t.Errorf("%v", err)
	}
}
