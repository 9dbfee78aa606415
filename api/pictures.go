package api

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"congvan/pages"
	"congvan/sheet"
	"congvan/signing"
)

// Pictures are the pages that look different from what was signed.
type Pictures struct {
	pages.Comparison

	Signature int    // index in the report, of the signature whose revision was compared; -1: nothing to compare
	Signer    string // of that signature
}

// ComparedSignature gives the signature whose revision says most about what was done to the file: the one after which
// the gravest was done, and of equals the one that covers most. It gives -1 when nothing was added after any signature
// but long-term evidence, or when there is no revision to go back to.
func ComparedSignature(report signing.Report) int {
	worst, chosen := WorstModification(report), -1
	if worst == signing.ModifiedNone || worst == signing.ModifiedLTV {
		return -1
	}
	for i, s := range report.Signatures {
		if s.Modification != worst || s.Coverage != signing.CoversRevision || s.CoveredBytes <= 0 {
			continue
		}
		if chosen < 0 || s.CoveredBytes > report.Signatures[chosen].CoveredBytes {
			chosen = i
		}
	}
	return chosen
}

// Compare draws what changed after signing: the revision that a signature covers beside the file as it is. It is
// bounded in time and memory, and gives no pictures rather than an error for a file that cannot be drawn. With a page,
// only that one is compared; 0 stands for all.
func Compare(
	ctx context.Context, renderer *pages.Renderer, file io.ReaderAt, report signing.Report, page int,
) (Pictures, error) {
	chosen := ComparedSignature(report)
	none := Pictures{Signature: -1}
	if chosen < 0 || renderer == nil || report.Signatures[chosen].CoveredBytes > report.Size {
		return none, nil
	}
	signature := report.Signatures[chosen]
	found, err := renderer.Compare(ctx, io.NewSectionReader(file, 0, signature.CoveredBytes),
		io.NewSectionReader(file, 0, report.Size), page)
	switch {
	case ctx.Err() != nil:
		return none, fmt.Errorf("compare revisions: %w", context.Cause(ctx))
	case pages.IsUndrawable(err):
		return none, nil
	case err != nil:
		return none, fmt.Errorf("compare revisions: %w", err)
	}
	return Pictures{Comparison: found, Signature: chosen, Signer: signature.Signer}, nil
}

// Summary says in a sentence what was compared and what was found; empty when nothing was compared.
func (p Pictures) Summary(lang Lang) string {
	switch {
	case p.Signature < 0:
		return ""
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
			Missing: p.say("pictures.no_page"),
		})
	}
	return section, true
}
