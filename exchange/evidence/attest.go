package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

// Attestation (lời chứng) is what a gateway states of a judgement that it made, to whoever holds the report on paper:
// of which bytes, with which verdict, when. It holds nothing of the document and names nobody.
type Attestation struct {
	Digest   exchange.Digest      // of the file that was judged
	Verdict  signing.Verdict      // of the signatures and of the law
	Modified signing.Modification // the worst that was done to it after signing
	JudgedAt time.Time            // UTC, to the second
}

// Attest gives the attestation as text of a hundred and some letters that can stand in a web address: the statement and
// the gateway's signature over it. Nobody without the gateway's key can make one, so it need not be kept; that it was
// made is logged first. The document is the one that was judged, if any.
func (n *Notary) Attest(
	ctx context.Context, actor exchange.Actor, a Attestation, document exchange.DocumentID,
) (string, error) {
	if err := actor.May(exchange.ActVerify); err != nil {
		return "", err
	}
	statement, err := a.encode()
	if err != nil {
		return "", err
	}
	err = n.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: n.Gateway.Now().UTC().Truncate(time.Millisecond), Act: "report.made", Actor: actor.Name,
			Office: actor.Office, Document: document,
			Detail: map[string]string{"digest": string(a.Digest), "verdict": string(a.Verdict)},
		})
		return err
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(attested), statement...))
	signature, err := n.Gateway.Identity.Signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return "", exchange.Errorf(exchange.Internal, "internal", "sign an attestation: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(append(statement, signature...)), nil
}

// OpenAttestation gives what an attestation states, when a key of this gateway signed it: the present one, or another
// that the directory has of it. Error: NotFound attestation.unknown.
func (n *Notary) OpenAttestation(text string) (Attestation, error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(data) <= attestedBytes || len(data) > 2*attestedBytes+256 {
		return Attestation{}, exchange.Errorf(exchange.NotFound, "attestation.unknown", "%d letters", len(text))
	}
	statement, signature := data[:attestedBytes], data[attestedBytes:]
	sum := sha256.Sum256(append([]byte(attested), statement...))
	if !slices.ContainsFunc(n.ownKeys(), func(key *ecdsa.PublicKey) bool {
		return ecdsa.VerifyASN1(key, sum[:], signature)
	}) {
		return Attestation{}, exchange.Errorf(exchange.NotFound, "attestation.unknown", "signed by no key of this gateway")
	}
	return decodeAttestation(statement)
}

// ownKeys are the keys by which this gateway signs and has signed.
func (n *Notary) ownKeys() []*ecdsa.PublicKey {
	certificates := []*x509.Certificate{n.Gateway.Identity.Certificate}
	if node, err := n.Gateway.Directory().Node(n.Gateway.Node); err == nil {
		for _, der := range node.Certificates {
			if certificate, err := x509.ParseCertificate(der); err == nil {
				certificates = append(certificates, certificate)
			}
		}
	}
	var keys []*ecdsa.PublicKey
	for _, certificate := range certificates {
		if key, ok := certificate.PublicKey.(*ecdsa.PublicKey); ok {
			keys = append(keys, key)
		}
	}
	return keys
}

const (
	// attested keeps a signature over an attestation from being one over anything else that the key signs.
	attested      = "congvan attestation v1\n"
	attestedBytes = 1 + 1 + 1 + 8 + sha256.Size
	attestedForm  = 1
)

// The places in these lists are written down; they are only ever added to.
var (
	attestedVerdicts = []signing.Verdict{signing.Passed, signing.Indeterminate, signing.Failed, signing.Unsigned}
	attestedGrades   = []signing.Modification{
		signing.ModifiedNone, signing.ModifiedLTV, signing.ModifiedFormFill, signing.ModifiedAnnotation,
		signing.ModifiedForbidden, signing.ModifiedUnknown,
	}
)

func (a Attestation) encode() ([]byte, error) {
	digest, err := hex.DecodeString(string(a.Digest))
	verdict, grade := slices.Index(attestedVerdicts, a.Verdict), slices.Index(attestedGrades, a.Modified)
	if err != nil || len(digest) != sha256.Size || verdict < 0 || grade < 0 {
		return nil, exchange.Errorf(exchange.Internal, "internal", "attest %+v", a)
	}
	var out bytes.Buffer
	out.Write([]byte{attestedForm, byte(verdict), byte(grade)})              //nolint:gosec // places in two short lists
	out.Write(binary.BigEndian.AppendUint64(nil, uint64(a.JudgedAt.Unix()))) //nolint:gosec // read back the same way
	out.Write(digest)
	return out.Bytes(), nil
}

func decodeAttestation(statement []byte) (Attestation, error) {
	verdict, grade := int(statement[1]), int(statement[2])
	if statement[0] != attestedForm || verdict >= len(attestedVerdicts) || grade >= len(attestedGrades) {
		return Attestation{}, exchange.Errorf(exchange.NotFound, "attestation.unknown", "form %d, %d, %d", statement[0],
			verdict, grade)
	}
	return Attestation{
		Digest: exchange.Digest(hex.EncodeToString(statement[11:])), Verdict: attestedVerdicts[verdict],
		Modified: attestedGrades[grade],
		JudgedAt: time.Unix(int64(binary.BigEndian.Uint64(statement[3:11])), 0).UTC(), //nolint:gosec // see encode
	}, nil
}

// SignPaper signs a report with the gateway's own key, so that it can be shown to others: at level B-T where there is
// a time-stamp authority that answers, else B-B.
func (n *Notary) SignPaper(ctx context.Context, paper []byte) ([]byte, error) {
	order := signing.Order{Identity: n.Gateway.Identity, Level: signing.LevelB, At: exchange.InVietnam(n.Gateway.Now())}
	if n.Gateway.Stamper != nil {
		order.Level, order.Stamper = signing.LevelT, n.Gateway.Stamper
	}
	signed, err := signing.SignPDF(ctx, bytes.NewReader(paper), int64(len(paper)), order)
	if err != nil {
		return nil, fmt.Errorf("sign the report: %w", err)
	}
	return slices.Concat(paper, signed.Tail), nil
}
