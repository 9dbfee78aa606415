package signing

import (
	"bytes"
	"fmt"
	"slices"

	"congvan/signing/pdf"
)

// checkTail reads a new revision back and compares it with what was there: no field, no page and no signature may have
// gone or changed, and the new signature's byte range must enclose exactly its own place. That the original is a prefix
// needs no check: it is not written.
func checkTail(before *pdf.Document, tail pdf.Tail, field string) error {
	after, err := before.With(tail)
	if err != nil {
		return fmt.Errorf("%w: read back: %w", errInvariant, err)
	}
	if after.Repaired() || after.Root() != before.Root() {
		return fmt.Errorf("%w: cross-reference data", errInvariant)
	}
	if err := sameFields(before, after); err != nil {
		return err
	}
	if err := samePages(before, after); err != nil {
		return err
	}
	return sameSignatures(before, after, tail, field)
}

func sameFields(before, after *pdf.Document) error {
	old, err := before.Fields()
	if err != nil {
		return err
	}
	now, err := after.Fields()
	if err != nil {
		return fmt.Errorf("%w: %w", errInvariant, err)
	}
	present := map[pdf.Ref]string{}
	for _, field := range now {
		present[field.Ref] = field.Name
	}
	for _, field := range old {
		if name, ok := present[field.Ref]; !ok || name != field.Name {
			return fmt.Errorf("%w: field %q", errInvariant, field.Name)
		}
	}
	return nil
}

func samePages(before, after *pdf.Document) error {
	old, err := before.PageCount()
	if err != nil {
		return err
	}
	now, err := after.PageCount()
	if err != nil || now != old {
		return fmt.Errorf("%w: %d pages, then %d: %w", errInvariant, old, now, err)
	}
	return nil
}

func sameSignatures(before, after *pdf.Document, tail pdf.Tail, field string) error {
	old, err := before.Signatures()
	if err != nil {
		return err
	}
	now, err := after.Signatures()
	if err != nil {
		return fmt.Errorf("%w: %w", errInvariant, err)
	}
	for _, s := range old {
		same := func(n pdf.SignatureDict) bool {
			return n.Field == s.Field && n.ValueRef == s.ValueRef && n.ContentsAt == s.ContentsAt &&
				slices.Equal(n.ByteRange, s.ByteRange) && bytes.Equal(n.Contents, s.Contents)
		}
		if s.Dict != nil && !slices.ContainsFunc(now, same) {
			return fmt.Errorf("%w: signature %q", errInvariant, s.Field)
		}
	}
	if field == "" {
		return nil
	}
	from, to := tail.Start+int64(tail.From), tail.Start+int64(tail.To)
	if !slices.ContainsFunc(now, func(n pdf.SignatureDict) bool {
		return n.Field == field && n.Err == nil && n.ContentsAt == from && n.ContentsTo == to &&
			slices.Equal(n.ByteRange, []int64{0, from, to, tail.Size() - to})
	}) {
		return fmt.Errorf("%w: new signature %q", errInvariant, field)
	}
	return nil
}
