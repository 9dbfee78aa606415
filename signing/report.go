package signing

import (
	"slices"
	"time"
)

// Verdict is the answer for a whole file: the worst of its signatures.
type Verdict string

// The verdicts. A bad signature is a result, not an error; Indeterminate is not Failed: Reasons say what is missing.
const (
	Passed        Verdict = "passed"
	Indeterminate Verdict = "indeterminate"
	Failed        Verdict = "failed"
	Unsigned      Verdict = "unsigned"
)

// Report is the judgement of one file as at a moment. Its JSON is a contract that scripts rely on (design.md 5).
type Report struct {
	File       string      `json:"file,omitempty"`
	SHA256     string      `json:"sha256"` // lower-case hexadecimal
	Size       int64       `json:"size"`   // bytes
	Verdict    Verdict     `json:"verdict"`
	Error      string      `json:"error"` // stable code when the file could not be examined, else empty
	JudgedAt   time.Time   `json:"judged_at"`
	Signatures []Signature `json:"signatures"`
	Notes      []string    `json:"notes,omitempty"` // stable codes about the file as a whole; they decide nothing

	// Bundle is what the verdict rests on beside the file; nil in what was read from JSON and where the policy wants none.
	// It is not part of the JSON.
	Bundle *Bundle `json:"-"`
}

func (r *Report) note(code string) {
	if !slices.Contains(r.Notes, code) {
		r.Notes = append(r.Notes, code)
	}
}

// Signature is the judgement of one signature. A signature that cannot be read is reported here, never omitted.
type Signature struct {
	Field             string       `json:"field"`
	Kind              Kind         `json:"kind"`
	Signer            string       `json:"signer"` // common name, or the subject when there is none
	SignerSubject     string       `json:"signer_subject,omitempty"`
	Organizations     []string     `json:"organizations,omitempty"` // of the signer's subject: O, then OU
	Issuer            string       `json:"issuer,omitempty"`
	Serial            string       `json:"serial,omitempty"`
	Certificate       []byte       `json:"certificate,omitempty"` // DER of the signer's certificate
	Format            string       `json:"format"`                // PAdES, CAdES, PKCS#7, X509-RSA-SHA1, RFC3161 …
	Level             Level        `json:"level"`
	Profile           string       `json:"profile,omitempty"`   // the form by ETSI, such as PAdES-BASELINE-T; Level holds
	Algorithm         string       `json:"algorithm,omitempty"` // such as ECDSA-SHA256
	Integrity         Integrity    `json:"integrity"`
	Coverage          Coverage     `json:"coverage"`
	CoveredBytes      int64        `json:"covered_bytes"` // length of the revision that the signature covers
	Modification      Modification `json:"modification"`
	Changes           []Change     `json:"changes,omitempty"`       // what was added after the covered revision
	Certification     int          `json:"certification,omitempty"` // DocMDP permission 1..3, when it certifies
	Realm             string       `json:"realm,omitempty"`
	Indication        Indication   `json:"indication"`
	SubIndication     string       `json:"sub_indication"`       // ETSI EN 319 102-1, or empty
	SigningTime       string       `json:"signing_time"`         // the signer's own claim, RFC 3339, or empty
	BestSignatureTime string       `json:"best_signature_time"`  // proved; else the moment of judging
	Timestamped       bool         `json:"timestamped"`          // BestSignatureTime is proved
	Revocation        string       `json:"revocation,omitempty"` // good, revoked, unknown
	Reasons           []string     `json:"reasons"`              // stable codes
	Checks            []Check      `json:"checks"`               // the six that the law demands, in the order of Criteria
}

// Kind tells a person's or office's signature from a time stamp over the document.
type Kind string

// The kinds of signature.
const (
	KindSignature Kind = "signature"
	KindTimestamp Kind = "document_timestamp"
)

// Integrity says whether the signed bytes are the bytes in the file.
type Integrity string

// The states of integrity.
const (
	Intact     Integrity = "intact"
	Broken     Integrity = "broken"
	Unreadable Integrity = "unreadable"
)

// Coverage says which part of the file a signature covers.
type Coverage string

// The kinds of coverage. Anything but the whole document or a whole revision makes the signature fail.
const (
	CoversDocument Coverage = "document"
	CoversRevision Coverage = "revision"
	CoversInvalid  Coverage = "invalid"
)

// Modification classifies everything added after the revision that a signature covers, mildest first.
type Modification string

// The grades of modification; Forbidden makes TOTAL-FAILED.
const (
	ModifiedNone       Modification = "none"
	ModifiedLTV        Modification = "ltv"
	ModifiedFormFill   Modification = "form_fill"
	ModifiedAnnotation Modification = "annotation"
	ModifiedForbidden  Modification = "forbidden"
	ModifiedUnknown    Modification = "unknown"
)

// Change is one thing that differs between the covered revision and the last one.
type Change struct {
	Grade  Modification `json:"grade"`
	Code   string       `json:"code"`   // stable, such as change.page_content
	Object string       `json:"object"` // "12 0" and the path by which it is reached, for experts
}

// Indication is the main status indication of ETSI EN 319 102-1, 5.1.
type Indication string

// The main indications.
const (
	TotalPassed       Indication = "TOTAL-PASSED"
	TotalFailed       Indication = "TOTAL-FAILED"
	TotalIndetermined Indication = "INDETERMINATE"
)
