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
		Room: room, Digest: strings.ReplaceAll(hash.String(), "-", ""), Stamped: o.Level != LevelB,
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

// room is how many bytes the signature may need, with what a token takes.
func (o *Order) room(scheme cms.Scheme) int {
	need := 16 << 10 // a whole object of another program, its chain and sometimes revocation bytes included
	if o.Identity.Certificate != nil {
		need = o.longestObject(scheme)
	}
	if o.Level != LevelB {
		need += tokenRoom(o.Stamper)
	}
	return need
}

// longestObject is how many bytes a signature of this identity can have: what it holds, and the frame around that.
func (o *Order) longestObject(scheme cms.Scheme) int {
	const frame = 304 // identifiers, lengths, the serial number and parameters of RSASSA-PSS: 300 at most
	size := frame + len(o.Identity.Certificate.Raw) + len(o.Identity.Certificate.RawIssuer) +
		2*scheme.ContentHash().Size() + longestValue(o.Identity.Certificate)
	for _, certificate := range chainOf(o.Identity) {
		size += len(certificate.Raw)
	}
	return size
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
	signed, err := cms.ParseSigners(object)
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
