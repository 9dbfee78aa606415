package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// spec is the order as package pdf understands it.
func (o *Order) spec(hash crypto.Hash, room int) pdf.SignatureSpec {
	values := pdf.Dict{
		"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.CAdES.detached"),
		"M": pdfTime(o.At),
	}
	name := o.Name
	if name == "" && o.Identity.Certificate != nil {
		name = o.Identity.Certificate.Subject.CommonName
	}
	for key, text := range map[pdf.Name]string{"Name": name, "Reason": o.Reason, "Location": o.Location} {
		if text != "" {
			values[key] = pdf.Text(text)
		}
	}
	return pdf.SignatureSpec{
		Field: o.Field, Values: values, Certify: o.Certify, Lock: o.Lock, Fill: o.Fill, Widget: o.Appearance.widget(),
		Room: room, Digest: strings.ReplaceAll(hash.String(), "-", ""),
	}
}

func (a *Appearance) widget() *pdf.Widget {
	if a == nil {
		return nil
	}
	widget := &pdf.Widget{
		Page: a.Page, X: a.X, Y: a.Y, Width: a.Width, Height: a.Height, FromTopRight: a.FromTopRight,
		Image: a.Image, Lines: a.Lines, FontSize: a.FontSize,
	}
	for _, mark := range a.Marks {
		widget.Marks = append(widget.Marks, pdf.Mark(mark))
	}
	return widget
}

// pdfTime is a moment in the zone it carries (ISO 32000-1, 7.9.4).
func pdfTime(at time.Time) pdf.String {
	zone := at.Format("-07:00")
	if zone == "+00:00" {
		return pdf.String(at.Format("D:20060102150405Z"))
	}
	return pdf.String(at.Format("D:20060102150405") + zone[:3] + "'" + zone[4:] + "'")
}

// draft is the CMS signature of the order over a digest.
func (o *Order) draft(scheme cms.Scheme, digest []byte) cms.Draft {
	return cms.Draft{
		Scheme: scheme, Certificate: o.Identity.Certificate, Chain: chainOf(o.Identity), ContentDigest: digest,
	}
}

// chainOf leaves out the certificate itself and what comes twice; roots may stay, they are small and help viewers.
func chainOf(identity certs.Identity) []*x509.Certificate {
	var chain []*x509.Certificate
	seen := [][]byte{identity.Certificate.Raw}
	for _, certificate := range identity.Chain {
		if !containsBytes(seen, certificate.Raw) {
			seen = append(seen, certificate.Raw)
			chain = append(chain, certificate)
		}
	}
	return chain
}

func containsBytes(list [][]byte, value []byte) bool {
	for _, other := range list {
		if bytes.Equal(other, value) {
			return true
		}
	}
	return false
}

// room is how many bytes the signature may need: the size of a dry run with a dummy value, and what a token takes.
func (o *Order) room(scheme cms.Scheme) (int, error) {
	const stranger = 16 << 10 // a whole object of another program, its chain and sometimes revocation bytes included
	need := stranger
	if o.Identity.Certificate != nil {
		dry, err := o.dryRun(scheme)
		if err != nil {
			return 0, err
		}
		need = dry
	}
	if o.Level != LevelB {
		need += tokenRoom(o.Stamper)
	}
	return need, nil
}

func (o *Order) dryRun(scheme cms.Scheme) (int, error) {
	digest := make([]byte, scheme.ContentHash().Size())
	draft := o.draft(scheme, digest)
	attributes, err := cms.SignedAttributes(draft)
	if err != nil {
		return 0, fmt.Errorf("signed attributes: %w", err)
	}
	object, err := cms.Assemble(draft, attributes, make([]byte, longestValue(o.Identity.Certificate)))
	if err != nil {
		return 0, fmt.Errorf("dry run: %w", err)
	}
	const slack = 64 // for lengths of lengths
	return len(object) + slack, nil
}

// longestValue is how many bytes a signature value by the certificate's key can have.
func longestValue(certificate *x509.Certificate) int {
	type sized interface{ Size() int }
	if key, ok := certificate.PublicKey.(sized); ok { // RSA
		return key.Size()
	}
	return 160 // an ECDSA value on P-521 has at most 139
}

// Sized is a Stamper that remembers how large its tokens are, so that room is reserved for them.
type Sized interface {
	TokenSize() int // bytes of the last token; 0 before the first
}

// tokenRoom is a quarter more than the last token, or enough for most authorities.
func tokenRoom(stamper certs.Stamper) int {
	const usual = 8 << 10
	if sized, ok := stamper.(Sized); ok {
		if size := sized.TokenSize(); size > 0 {
			return size + size/4
		}
	}
	return usual
}

// stampSignature adds a time stamp over the signature value (PAdES and CAdES B-T).
func stampSignature(ctx context.Context, stamper certs.Stamper, object []byte) ([]byte, error) {
	signed, err := cms.Parse(object)
	if err != nil {
		return nil, fmt.Errorf("read the signature back: %w", err)
	}
	if len(signed.Signers) != 1 {
		return nil, fmt.Errorf("%d signers: %w", len(signed.Signers), ErrForeignValue)
	}
	hash := stampHash(signed.Signers[0].Digest)
	sum := hash.New()
	sum.Write(signed.Signers[0].Signature)
	token, err := stampDigest(ctx, stamper, hash, sum.Sum(nil))
	if err != nil {
		return nil, err
	}
	return cms.AddUnsigned(object, 0, cms.Attribute{Type: cms.OIDSignatureTimestamp, Values: [][]byte{token}})
}

// stampHash is at least as strong as the signature's own hash; every authority knows these three.
func stampHash(of crypto.Hash) crypto.Hash {
	if of == crypto.SHA384 || of == crypto.SHA512 {
		return of
	}
	return crypto.SHA256
}
