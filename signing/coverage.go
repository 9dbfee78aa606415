package signing

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"congvan/signing/pdf"
)

// maxOddOrders is how many signatures with a byte range that is wrong anyway are hashed all the same, so that the
// report can say whether their value holds. Each may cost a reading of the file.
const maxOddOrders = 4

// maxOddSpans is how many stretches such a byte range may have.
const maxOddSpans = 16

// coverer judges which part of the file each signature covers. The rule: two stretches, the first from the first byte;
// between them exactly the hexadecimal string of this signature's own /Contents; the second to the end of a revision.
// Measured on 988 real signatures it refuses no honest one (notes of the project), and every attack that moves the
// range to other bytes.
type coverer struct {
	file      io.ReaderAt
	size      int64
	revisions []pdf.Revision // oldest first
	trailing  bool           // the file goes on after its last revision
	repaired  bool
}

func newCoverer(file io.ReaderAt, size int64, doc *pdf.Document) (*coverer, error) {
	revisions, err := doc.Revisions()
	if err != nil {
		return nil, err
	}
	c := &coverer{file: file, size: size, revisions: revisions, repaired: doc.Repaired()}
	if n := len(revisions); n > 0 {
		blank, err := c.blank(revisions[n-1].End, size)
		if err != nil {
			return nil, err
		}
		c.trailing = !blank
	}
	return c, nil
}

// blank says whether there is nothing but white space in a part of the file.
func (c *coverer) blank(from, to int64) (bool, error) {
	if to-from > sweepWindow {
		return false, nil
	}
	text := make([]byte, max(to-from, 0))
	if n, err := c.file.ReadAt(text, from); n < len(text) {
		return false, fmt.Errorf("read end of file: %w", err)
	}
	return !slices.ContainsFunc(text, func(b byte) bool {
		return b != ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0
	}), nil
}

// judge decides the coverage of one signature and orders the digest of what it covers.
func (c *coverer) judge(s *subject) error {
	spans, code := c.spans(s.pdf.ByteRange)
	if code != "" {
		s.refuse(code)
		s.order = oddOrder(s.pdf.ByteRange, c.size)
		return nil
	}
	s.order = &digestOrder{spans: spans}
	s.CoveredBytes = spans[1].to
	gap := span{spans[0].to, spans[1].from}
	switch {
	case gap == span{s.pdf.ContentsAt, s.pdf.ContentsTo}:
	case gap == span{s.pdf.ContentsAt + 1, s.pdf.ContentsTo - 1} && s.pdf.ContentsAt >= 0:
		s.note(codeDelimiters)
	default:
		s.refuse(codeGap)
		return nil
	}
	return c.ends(s, spans[1].to)
}

// spans reads a byte range of the only form that is accepted.
func (c *coverer) spans(byteRange []int64) ([]span, string) {
	if len(byteRange) != 4 || byteRange[0] != 0 {
		return nil, codeRange
	}
	first, gapEnd, second := byteRange[1], byteRange[2], byteRange[3]
	switch {
	case first <= 0 || gapEnd < first || second <= 0:
		return nil, codeRange
	case gapEnd > c.size || second > c.size-gapEnd:
		return nil, codeOutside
	}
	return []span{{0, first}, {gapEnd, gapEnd + second}}, ""
}

// ends judges where the range ends: at a revision's %%EOF, with or without the white space behind it.
func (c *coverer) ends(s *subject, end int64) error {
	for i, revision := range c.revisions {
		last := i == len(c.revisions)-1
		at := end <= revision.EndLine
		if last && end > revision.EndLine {
			var err error
			if at, err = c.blank(revision.End, end); err != nil {
				return err
			}
		}
		if end < revision.End || !at {
			continue
		}
		s.Coverage = CoversRevision
		if last {
			s.Coverage = CoversDocument
		}
		if c.trailing {
			s.refuse(codeTrailing)
		}
		return nil
	}
	s.refuse(codeNoRevision)
	return nil
}

// refuse records that the coverage rule is broken.
func (s *subject) refuse(code string) {
	s.Coverage = CoversInvalid
	s.fail(subFormat, code)
	s.check(CheckDigest, CheckFailed, code)
}

// oddOrder orders the digest of an unacceptable byte range, if it can be had at a bounded price.
func oddOrder(byteRange []int64, size int64) *digestOrder {
	if len(byteRange) == 0 || len(byteRange)%2 != 0 || len(byteRange)/2 > maxOddSpans {
		return nil
	}
	var spans []span
	for pair := range slices.Chunk(byteRange, 2) {
		if pair[0] < 0 || pair[1] < 0 || pair[0] > size || pair[1] > size-pair[0] {
			return nil
		}
		spans = append(spans, span{pair[0], pair[0] + pair[1]})
	}
	if !ascending(spans, size) {
		return nil
	}
	return &digestOrder{spans: spans}
}

// separate refuses signatures whose ranges contradict one another: a later signature covers an earlier one whole, so
// the gap of the later must lie behind the end of the earlier.
func separate(subjects []*subject) {
	ordered := slices.DeleteFunc(slices.Clone(subjects), func(s *subject) bool {
		return s.order == nil || s.Coverage == CoversInvalid
	})
	slices.SortStableFunc(ordered, func(a, b *subject) int {
		return cmp.Or(cmp.Compare(a.CoveredBytes, b.CoveredBytes), cmp.Compare(a.pdf.ContentsAt, b.pdf.ContentsAt))
	})
	var end int64
	for _, s := range ordered {
		if s.pdf.ContentsAt < end {
			s.refuse(codeOverlap)
			continue
		}
		end = s.CoveredBytes
	}
}

// thrift drops the digest orders of all but a few signatures with an invalid range: the ranges of the others are apart
// from one another, so that all of them together cost no more than one file.
func thrift(subjects []*subject) {
	odd := 0
	for _, s := range subjects {
		if s.order == nil || s.Coverage != CoversInvalid {
			continue
		}
		if odd++; odd > maxOddOrders {
			s.order = nil
		}
	}
}
