package api

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"congvan/pages"
	"congvan/sheet"
	"congvan/signing"
)

// Pictures are the pages that look different from what was signed.
type Pictures struct {
	pages.Comparison

	Signature int    // index in the report, of the signature that is spoken of; -1: nothing to show
	Signer    string // of that signature
	// Lost says that the signed bytes themselves were changed: no signed revision is left, and Changed has the first
	// pages as they are now, without anything before.
	Lost bool
}

// Pictured says whether pictures have anything to say about a file: what was added after signing, or that the signed
// bytes themselves were changed.
func Pictured(report signing.Report) bool {
	return ComparedSignature(report) >= 0 || BrokenSignature(report) >= 0
}

// ComparedSignature gives the signature whose revision says most about what was done to the file: the one after which
// the gravest was done, and of equals the one that covers most. It gives -1 when nothing was added after any signature
// but long-term evidence, or when there is no revision to go back to: a revision whose own bytes were changed is none.
func ComparedSignature(report signing.Report) int {
	var intact signing.Report
	for _, s := range report.Signatures {
		if s.Integrity == signing.Intact && s.Coverage == signing.CoversRevision && s.CoveredBytes > 0 {
			intact.Signatures = append(intact.Signatures, s)
		}
	}
	worst, chosen := WorstModification(intact), -1
	if worst == signing.ModifiedNone || worst == signing.ModifiedLTV {
		return -1
	}
	for i, s := range report.Signatures {
		if s.Modification != worst || s.Integrity != signing.Intact || s.Coverage != signing.CoversRevision {
			continue
		}
		if chosen < 0 || s.CoveredBytes > report.Signatures[chosen].CoveredBytes {
			chosen = i
		}
	}
	return chosen
}

// BrokenSignature gives the first signature whose signed bytes were changed; -1 when there is none.
func BrokenSignature(report signing.Report) int {
	return slices.IndexFunc(report.Signatures, func(s signing.Signature) bool { return s.Integrity == signing.Broken })
}

// Compare draws what changed after signing: the revision that a signature covers beside the file as it is, or, when the
// signed bytes themselves were changed, the file as it is. It is bounded in time and memory, and gives no pictures
// rather than an error for a file that cannot be drawn. With a page, only that one is drawn; 0 stands for all.
func Compare(
	ctx context.Context, renderer *pages.Renderer, file io.ReaderAt, report signing.Report, page int,
) (Pictures, error) {
	none := Pictures{Signature: -1}
	chosen := ComparedSignature(report)
	broken := BrokenSignature(report)
	var found Pictures
	var err error
	switch {
	case renderer == nil:
		return none, nil
	case chosen >= 0 && report.Signatures[chosen].CoveredBytes <= report.Size:
		found.Signature = chosen
		found.Comparison, err = renderer.Compare(ctx,
			io.NewSectionReader(file, 0, report.Signatures[chosen].CoveredBytes),
			io.NewSectionReader(file, 0, report.Size), page)
	case broken >= 0:
		found.Signature, found.Lost = broken, true
		found.Comparison, err = asItIs(ctx, renderer, file, report.Size, page)
	default:
		return none, nil
	}
	switch {
	case ctx.Err() != nil:
		return none, fmt.Errorf("compare revisions: %w", context.Cause(ctx))
	case pages.IsUndrawable(err):
		return none, nil
	case err != nil:
		return none, fmt.Errorf("compare revisions: %w", err)
	}
	found.Signer = report.Signatures[found.Signature].Signer
	return found, nil
}

// How many pages are shown of a file that cannot be compared with anything, and how finely, in dots per inch.
const (
	shownPages = 3
	shownDPI   = 96
)

// asItIs draws the first pages of a file, or the one that is asked for.
func asItIs(
	ctx context.Context, renderer *pages.Renderer, file io.ReaderAt, size int64, page int,
) (pages.Comparison, error) {
	var found pages.Comparison
	count, err := renderer.Count(ctx, file, size)
	if err != nil {
		return found, fmt.Errorf("count pages: %w", err)
	}
	first, last := max(page, 1), min(count, shownPages)
	if page > 0 {
		last = min(count, page)
	}
	for number := first; number <= last; number++ {
		picture, err := renderer.Image(ctx, file, size, number, shownDPI)
		if err != nil {
			return found, fmt.Errorf("draw page %d: %w", number, err)
		}
		found.Changed = append(found.Changed, pages.Difference{Page: number, After: picture})
	}
	found.Pages, found.Whole = len(found.Changed), len(found.Changed) == count
	return found, nil
}

// Summary says in a sentence what was compared and what was found; empty when nothing was compared.
func (p Pictures) Summary(lang Lang) string {
	switch {
	case p.Signature < 0:
		return ""
	case p.Lost:
		return fmt.Sprintf(Sentence("pictures.lost", lang), p.Signer)
	case len(p.Changed) == 0 && p.Whole:
		return Sentence("pictures.none", lang)
	case len(p.Changed) == 0:
		return fmt.Sprintf(Sentence("pictures.none_so_far", lang), p.Pages)
	}
	text := fmt.Sprintf(Sentence("pictures.changed", lang), len(p.Changed))
	if !p.Whole {
		text += " " + fmt.Sprintf(Sentence("pictures.not_whole", lang), p.Pages)
	}
	return text
}

// Missing is the code of what is said in the place of a picture that is not there.
func (p Pictures) Missing() string {
	if p.Lost {
		return "pictures.no_revision"
	}
	return "pictures.no_page"
}

// pictures puts the changed pages on paper, side by side.
func (p Paper) pictures() (section sheet.Section, any bool) {
	summary := p.Pictures.Summary(p.Lang)
	if summary == "" {
		return section, false
	}
	section = sheet.Section{Title: p.say("pictures.title"), Rows: []sheet.Row{{Text: summary}}}
	for _, difference := range p.Pictures.Changed {
		before, after := difference.Marked()
		if before == nil && after == nil {
			break // only the first ones have pictures
		}
		section.Pairs = append(section.Pairs, sheet.Pair{
			Title: p.say("paper.page") + " " + strconv.Itoa(difference.Page), Left: before, Right: after,
			LeftCaption: fmt.Sprintf(p.say("pictures.signed"), p.Pictures.Signer), RightCaption: p.say("pictures.current"),
			Missing: p.say(p.Pictures.Missing()),
		})
	}
	return section, true
}
