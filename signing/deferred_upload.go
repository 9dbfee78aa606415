package signing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// Upload is a document that a program outside has signed by itself and brought back, such as a desktop tool with a USB
// token. Size and place of the document are its caller's business; trust is judged by Examine.
type Upload struct {
	Field       string   // of the one new signature
	Certificate []byte   // DER of its signer
	Chain       [][]byte // DER of the other certificates beside the signature
}

// CheckUpload makes sure that the file is the original, byte for byte, with exactly one signature more, which covers
// the whole file and holds. ErrNotExtension and ErrNotOneMore say that it is not.
func CheckUpload(ctx context.Context, original, uploaded *io.SectionReader) (Upload, error) {
	if err := samePrefix(ctx, original, uploaded); err != nil {
		return Upload{}, err
	}
	before, err := signaturesIn(original)
	if err != nil {
		return Upload{}, err
	}
	after, err := signaturesIn(uploaded)
	if err != nil {
		return Upload{}, err
	}
	fresh := slices.DeleteFunc(after, func(s pdf.SignatureDict) bool {
		return slices.ContainsFunc(before, func(old pdf.SignatureDict) bool {
			return old.Field == s.Field && bytes.Equal(old.Contents, s.Contents)
		})
	})
	if len(fresh) != 1 || len(after) != len(before)+1 {
		return Upload{}, fmt.Errorf("%d signatures, then %d: %w", len(before), len(after), ErrNotOneMore)
	}
	return checkFresh(ctx, uploaded, fresh[0])
}

func samePrefix(ctx context.Context, original, uploaded *io.SectionReader) error {
	if uploaded.Size() <= original.Size() {
		return ErrNotExtension
	}
	const window = 256 << 10
	left, right := make([]byte, window), make([]byte, window)
	for at := int64(0); at < original.Size(); at += window {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := int(min(window, original.Size()-at))
		for _, side := range []struct {
			from *io.SectionReader
			into []byte
		}{{original, left[:n]}, {uploaded, right[:n]}} {
			if read, err := side.from.ReadAt(side.into, at); read < n {
				return fmt.Errorf("read at %d: %w", at, errors.Join(err, io.ErrUnexpectedEOF))
			}
		}
		if !bytes.Equal(left[:n], right[:n]) {
			return fmt.Errorf("within %d bytes after %d: %w", n, at, ErrNotExtension)
		}
	}
	return nil
}

func signaturesIn(file *io.SectionReader) ([]pdf.SignatureDict, error) {
	doc, err := pdf.Open(file, file.Size())
	if err != nil {
		return nil, fmt.Errorf("open the document: %w", err)
	}
	if doc.Repaired() {
		return nil, pdf.ErrRepaired
	}
	return doc.Signatures()
}

// checkFresh verifies the new signature: over everything but itself, by the certificate that it carries.
func checkFresh(ctx context.Context, file *io.SectionReader, s pdf.SignatureDict) (Upload, error) {
	whole := len(s.ByteRange) == 4 && s.ByteRange[0] == 0 && s.ByteRange[1] == s.ContentsAt &&
		s.ByteRange[2] == s.ContentsTo && s.ByteRange[2]+s.ByteRange[3] == file.Size()
	if s.Err != nil || !whole {
		return Upload{}, fmt.Errorf("%q does not cover the file: %w", s.Field, ErrNotOneMore)
	}
	signed, err := cms.Parse(s.Contents)
	if err != nil {
		return Upload{}, fmt.Errorf("%w: %w", ErrNotOneMore, err)
	}
	if !signed.Detached || len(signed.Signers) != 1 || !signed.Signers[0].Digest.Available() {
		return Upload{}, fmt.Errorf("%q is not one detached signature: %w", s.Field, ErrNotOneMore)
	}
	signer := &signed.Signers[0]
	certificate := signer.FindSigner(signed.Certificates)
	if certificate == nil {
		return Upload{}, fmt.Errorf("%q without its certificate: %w", s.Field, ErrNotOneMore)
	}
	hashed, err := newPrefix(ctx, hashingOf(file, s.ContentsAt, nil), signer.Digest)
	if err != nil {
		return Upload{}, err
	}
	rest := io.NewSectionReader(file, s.ContentsTo, s.ByteRange[3])
	if err := hashed.read(ctx, hashingOf(rest, rest.Size(), nil)); err != nil {
		return Upload{}, err
	}
	if _, err := signer.Verify(certificate, hashed[signer.Digest].Sum(nil)); err != nil {
		return Upload{}, fmt.Errorf("%q: %w: %w", s.Field, ErrNotOneMore, err)
	}
	upload := Upload{Field: s.Field, Certificate: certificate.Raw}
	for _, other := range signed.Certificates {
		if !bytes.Equal(other.Raw, certificate.Raw) {
			upload.Chain = append(upload.Chain, other.Raw)
		}
	}
	return upload, nil
}
