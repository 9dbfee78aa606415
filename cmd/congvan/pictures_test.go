package main

import (
	"bytes"
	"strings"
	"testing"

	"congvan/api"
	"congvan/certs/certstest"
	"congvan/pages"
	"congvan/signing"
)

// Where the signed bytes themselves were changed nothing may be shown as if somebody had signed it.
func TestPicturesOfABrokenSignatureShowNoSignedRevision(t *testing.T) {
	t.Parallel()
	document, authority := sealed(t, certstest.Noon)
	renderer := pages.New(1, pageCache(""))
	defer done(renderer)
	for name, tc := range map[string]struct {
		from, to string
		last     bool // in the last revision, else in the first
		lost     bool
		signer   string
	}{
		"nothing":              {"", "", false, false, "Nguyễn Văn An"},
		"what the leader read": {"/MediaBox[0 0 595 842]", "/MediaBox[0 0 842 595]", false, true, "Nguyễn Văn An"},
		"what the seal added":  {"/BBox [0 0 0 0]", "/BBox [0 0 0 1]", true, false, "Nguyễn Văn An"},
	} {
		at := bytes.Index(document, []byte(tc.from))
		if tc.last {
			at = bytes.LastIndex(document, []byte(tc.from))
		}
		file := append(bytes.Clone(document[:at]), tc.to...)
		file = append(file, document[at+len(tc.from):]...)
		report, err := signing.Examine(t.Context(), bytes.NewReader(file), int64(len(file)), signing.Policy{
			At: certstest.Noon, Anchors: authority.Anchors(),
		})
		if err != nil || len(report.Signatures) != 2 {
			t.Fatalf("%s: %+v, %v", name, report, err)
		}
		for i := range report.Signatures {
			s := &report.Signatures[i]
			if broken := s.Integrity == signing.Broken; broken != (tc.lost || tc.last && i == 1) {
				t.Fatalf("%s: signature %d is %s", name, i, s.Integrity)
			}
		}
		found, err := api.Compare(t.Context(), renderer, bytes.NewReader(file), report, 0)
		if err != nil || found.Lost != tc.lost || found.Signer != tc.signer {
			t.Errorf("%s: lost %t, signer %q, %v", name, found.Lost, found.Signer, err)
		}
		said := strings.Contains(found.Summary(api.Vietnamese), "không còn bản đã ký")
		if said != tc.lost {
			t.Errorf("%s: %q", name, found.Summary(api.Vietnamese))
		}
		if !tc.lost {
			continue
		}
		if len(found.Changed) != 1 || found.Changed[0].Before != nil || found.Changed[0].After == nil {
			t.Errorf("%s: %d pages", name, len(found.Changed))
		}
	}
}
