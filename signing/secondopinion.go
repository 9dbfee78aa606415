package signing

import (
	"bytes"
	"fmt"

	"github.com/digitorus/pdfsign/verify"

	"congvan/signing/pdf"
)

// Opinion is what another engine says of the signatures in a PDF. It decides nothing: the engine misses changes after
// signing, drops signatures that it cannot read, and knows no anchors of ours.
type Opinion struct {
	Engine     string             `json:"engine"`
	Error      string             `json:"error,omitempty"`  // stable code when there is no opinion
	Detail     string             `json:"detail,omitempty"` // in the engine's own words
	Signatures []OpinionSignature `json:"signatures"`
}

// OpinionSignature is what the other engine says of one signature.
type OpinionSignature struct {
	Signer string `json:"signer"`
	Valid  bool   `json:"valid"` // the value holds over the covered bytes; nothing more
}

// Disagreement is a point on which the other engine and our report differ, and why ours holds.
type Disagreement struct {
	Signer  string   `json:"signer,omitempty"`
	Code    string   `json:"code"`
	Reasons []string `json:"reasons,omitempty"` // those of our report
}

// The codes of opinions and disagreements.
const (
	opinionRefused  = "opinion.refused"         // our own reader refuses the file: it could kill the other engine
	opinionPanicked = "opinion.engine_panicked" // the other engine broke down
	opinionError    = "opinion.engine_error"    // the other engine gave up
	opinionMisses   = "opinion.misses_signature"
	opinionAccepts  = "opinion.accepts_what_failed"
	opinionRejects  = "opinion.rejects_what_holds"
	opinionDenies   = "opinion.rejects_intact" // what we leave undecided or reject, but not for its signed bytes
)

// SecondOpinion asks pdfsign, an independent engine, about a document. That engine can be made to use all memory or to
// end the process, so that this must be called only in a child process with limits; files that our own reader refuses
// are not shown to it.
func SecondOpinion(document []byte) (opinion Opinion) {
	opinion = Opinion{Engine: "pdfsign", Signatures: []OpinionSignature{}}
	defer func() {
		if cause := recover(); cause != nil {
			opinion.Error, opinion.Detail = opinionPanicked, fmt.Sprint(cause)
		}
	}()
	file := bytes.NewReader(document)
	if _, err := pdf.Open(file, file.Size()); err != nil {
		opinion.Error, opinion.Detail = opinionRefused, pdf.Code(err)
		return opinion
	}
	response, err := verify.Verify(file, file.Size())
	if err != nil {
		opinion.Error, opinion.Detail = opinionError, err.Error()
		return opinion
	}
	opinion.Detail = response.Error
	for i := range response.Signers {
		signer := &response.Signers[i]
		opinion.Signatures = append(opinion.Signatures, OpinionSignature{nameOf(signer), signer.ValidSignature})
	}
	return opinion
}

// nameOf gives the signer's name: the engine lists certificates, authorities included, without saying whose they are.
func nameOf(signer *verify.Signer) string {
	for _, listed := range signer.Certificates {
		if listed.Certificate != nil && !listed.Certificate.IsCA {
			return listed.Certificate.Subject.CommonName
		}
	}
	return signer.Name
}

// Disagreements holds an opinion against our report: signatures in the order of the document, time stamps over the
// document left aside, because the other engine cannot judge them.
func (r *Report) Disagreements(opinion Opinion) []Disagreement {
	if opinion.Error != "" {
		return []Disagreement{{Code: opinion.Error}}
	}
	var ours []*Signature
	for i := range r.Signatures {
		if r.Signatures[i].Kind == KindSignature {
			ours = append(ours, &r.Signatures[i])
		}
	}
	found := []Disagreement{}
	theirs := opinion.Signatures
	for _, s := range ours {
		at := matching(theirs, s)
		if at < 0 {
			found = append(found, Disagreement{Signer: s.Signer, Code: opinionMisses, Reasons: s.Reasons})
			continue
		}
		switch valid := theirs[at].Valid; {
		case valid && s.Indication == TotalFailed:
			found = append(found, Disagreement{Signer: s.Signer, Code: opinionAccepts, Reasons: s.Reasons})
		case !valid && s.Indication == TotalPassed:
			found = append(found, Disagreement{Signer: s.Signer, Code: opinionRejects, Reasons: s.Reasons})
		case !valid && s.Integrity == Intact && s.Coverage != CoversInvalid:
			found = append(found, Disagreement{Signer: s.Signer, Code: opinionDenies, Reasons: s.Reasons})
		}
		theirs = append(theirs[:at:at], theirs[at+1:]...)
	}
	return found
}

// matching finds the other engine's entry for a signature: by the signer's name if it knows names, else the first left.
func matching(theirs []OpinionSignature, s *Signature) int {
	for i, other := range theirs {
		if other.Signer == s.Signer {
			return i
		}
	}
	for i, other := range theirs {
		if other.Signer == "" {
			return i
		}
	}
	return -1
}
