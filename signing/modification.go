package signing

import (
	"bytes"
	"fmt"
	"slices"

	"congvan/signing/pdf"
)

// classify says what was added to a document after the revision that a signature covers: every difference between what
// a reader of the signed revision and a reader of the whole file gets to see, each graded, the worst of them, judged by
// what the signature and the certification of the document allow. What cannot be compared is ModifiedUnknown, with the
// reason as the error. It compares meaning, not bytes: objects that are written again unchanged, or that nothing leads
// to, are no changes.
func classify(doc *pdf.Document, sig pdf.SignatureDict, revisionEnd int64) (Modification, []Change, error) {
	if nothing, err := onlySpace(doc, revisionEnd); err != nil || nothing {
		return ModifiedNone, nil, err
	}
	if doc.Repaired() {
		return ModifiedUnknown, nil, fmt.Errorf("what follows the signed revision: %w", doc.Damage())
	}
	before, err := doc.AsOf(revisionEnd)
	if err != nil {
		return ModifiedUnknown, nil, fmt.Errorf("open the signed revision: %w", err)
	}
	if built, err := builtOn(doc, revisionEnd); err != nil {
		return ModifiedUnknown, nil, fmt.Errorf("find the signed revision: %w", err)
	} else if !built {
		return ModifiedForbidden, []Change{{ModifiedForbidden, "change.object", "startxref"}}, nil
	}
	allowed, err := permissionsOf(before)
	if err != nil {
		return ModifiedUnknown, nil, fmt.Errorf("read what the signature allows: %w", err)
	}
	d, err := newDiffer(before, doc)
	if err != nil {
		return ModifiedUnknown, nil, fmt.Errorf("read the form: %w", err)
	}
	d.locks = allowed.locks
	d.trailers()
	d.judged(sig)
	if err := d.run(); err != nil {
		return ModifiedUnknown, nil, fmt.Errorf("compare with the signed revision: %w", err)
	}
	return allowed.judge(d.changes)
}

// longestMargin is how much white space after a revision a signature may cover.
const longestMargin = 16

// builtOn says whether the signed revision is one of those that the whole document is built on. An update that leads
// elsewhere makes another document.
func builtOn(doc *pdf.Document, end int64) (bool, error) {
	revisions, err := doc.Revisions()
	return slices.ContainsFunc(revisions, func(revision pdf.Revision) bool {
		return end >= revision.End && end <= revision.EndLine+longestMargin
	}), err
}

// onlySpace says whether nothing but white space follows the signed revision.
func onlySpace(doc *pdf.Document, revisionEnd int64) (bool, error) {
	var rest [16]byte
	after := doc.Size() - revisionEnd
	if after == 0 || after < 0 || after > int64(len(rest)) {
		return after == 0, nil
	}
	if _, err := doc.ReaderAt().ReadAt(rest[:after], revisionEnd); err != nil {
		return false, fmt.Errorf("read after the signed revision: %w", err)
	}
	return len(bytes.Trim(rest[:after], "\x00\t\n\f\r ")) == 0, nil
}

// rank orders the grades, mildest first.
func rank(grade Modification) int {
	switch grade {
	case ModifiedNone:
		return 0
	case ModifiedLTV:
		return 1
	case ModifiedFormFill:
		return 2
	case ModifiedAnnotation:
		return 3
	case ModifiedForbidden:
		return 4
	case ModifiedUnknown:
		return 5
	}
	return 5
}

// permissions are what may still happen to a document after a signature (ISO 32000-2, 12.8.2).
type permissions struct {
	most  Modification // the highest grade that is allowed
	locks []pdf.Lock
}

// permissionsOf reads them from the signed revision, where nobody could change them afterwards: from the signature
// itself, from the lock of its field, and from a certification signature that was there already.
func permissionsOf(before *pdf.Document) (permissions, error) {
	allowed := permissions{most: ModifiedFormFill}
	signatures, err := before.Signatures()
	if err != nil {
		return allowed, err
	}
	level := 0
	for _, other := range signatures {
		level = stricter(level, other.Certification())
		if other.Lock != nil {
			allowed.locks = append(allowed.locks, *other.Lock)
			level = stricter(level, other.Lock.P)
		}
		for _, reference := range other.References {
			if reference.Method == "FieldMDP" {
				allowed.locks = append(allowed.locks, reference.Lock)
			}
		}
	}
	switch level {
	case 0, 2:
	case 3:
		allowed.most = ModifiedAnnotation
	default: // 1, and what no standard knows
		allowed.most = ModifiedLTV
	}
	return allowed, nil
}

// stricter is the lower of two permission levels; zero means none.
func stricter(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// judge makes forbidden what goes beyond what is allowed, and finds the worst.
func (p permissions) judge(changes []Change) (Modification, []Change, error) {
	worst := ModifiedNone
	for i := range changes {
		if rank(changes[i].Grade) > rank(p.most) {
			changes[i].Grade = ModifiedForbidden
		}
		if rank(changes[i].Grade) > rank(worst) {
			worst = changes[i].Grade
		}
	}
	return worst, changes, nil
}

// judged checks that the signature itself was in the signed revision as it is now.
func (d *differ) judged(sig pdf.SignatureDict) {
	signatures, err := d.old.Signatures()
	if err != nil {
		d.fail(err)
		return
	}
	for _, was := range signatures {
		if was.Field == sig.Field && bytes.Equal(was.Contents, sig.Contents) && was.ContentsAt == sig.ContentsAt {
			return
		}
	}
	d.report(ModifiedForbidden, "change.signature_value", (*path)(nil).key("V"))
}
