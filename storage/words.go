package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"congvan/exchange"
)

// Limits of the search index. A word longer than the longest is cut in the index and in the question alike.
const (
	longestWord  = 48  // runes
	mostWords    = 512 // of one document
	mostAsked    = 16  // in one question
	longestPage  = 200
	documentText = "document_words" // the index of documents
	arrivalText  = "arrival_words"  // the index of arrivals
)

// words cuts a text into folded words: without diacritics (đ becomes d), in lower case, each word once. Both
// databases get words, never text, because each would cut and fold Vietnamese in its own way.
func words(texts ...string) []string {
	var found []string
	seen := map[string]bool{}
	for _, text := range texts {
		for word := range strings.FieldsSeq(exchange.Fold(text)) {
			if runes := []rune(word); len(runes) > longestWord {
				word = string(runes[:longestWord])
			}
			if !seen[word] && len(found) < mostWords {
				seen[word] = true
				found = append(found, word)
			}
		}
	}
	return found
}

// officeWord is a word that stands for an office: with it in every question, a search never leaves the office. It
// cannot be typed, because no word has an underscore.
func officeWord(office exchange.OfficeID) string {
	sum := sha256.Sum256([]byte(office))
	return "_" + hex.EncodeToString(sum[:8])
}

// indexed is the words by which a row is found, not yet written.
type indexed struct {
	index string // documentText or arrivalText
	seq   int64
	words string
}

// index notes the words by which the row with this sequence number is found. They are written at the end of the
// group, all at once: FTS5 makes a segment of its index of whatever stands between two savepoints.
func (t *transaction) index(index string, seq int64, office exchange.OfficeID, found []string) {
	text := strings.Join(append([]string{officeWord(office)}, found...), " ")
	t.indexed = append(t.indexed, indexed{index: index, seq: seq, words: text})
}

// writeIndex writes what the updates of a group noted; what was noted last about a row counts.
func (t *transaction) writeIndex(ctx context.Context, notes []indexed) error {
	type row struct {
		index string
		seq   int64
	}
	last := make(map[row]int, len(notes))
	for i, note := range notes {
		last[row{note.index, note.seq}] = i
	}
	for i, note := range notes {
		if last[row{note.index, note.seq}] != i {
			continue
		}
		if _, err := t.exec(ctx, fmt.Sprintf(t.engine.index, note.index), note.seq, note.words); err != nil {
			return err
		}
	}
	return nil
}

func documentWords(document exchange.Document) []string {
	return words(append([]string{
		document.Subject, string(document.Kind), document.Signatory.Name, string(document.ID),
	}, numberingTexts(document.Numbering)...)...)
}

func arrivalWords(arrival exchange.Arrival, incoming exchange.Numbering) []string {
	header := arrival.Header
	texts := append([]string{
		header.Subject, string(header.Kind), header.Signatory.Name, header.FromName, string(arrival.Document),
	}, numberingTexts(header.Numbering)...)
	return words(append(texts, numberingTexts(incoming)...)...)
}

// numberingTexts gives a number as it is written ("05/UBND-VX") and as it is said ("5").
func numberingTexts(numbering exchange.Numbering) []string {
	if numbering.Number == 0 {
		return nil
	}
	return []string{numbering.String(), strconv.Itoa(numbering.Number), string(numbering.Date)}
}

// sizes are the lengths that lists of arguments are filled up to, so that the statements prepared for them are few.
var sizes = [...]int{1, 8, 32, longestPage}

// among gives "($1, …)" for at least as many arguments, and the arguments filled up by repeating the last.
func among[T any](values []T) (string, []any) {
	size := sizes[slices.IndexFunc(sizes[:], func(size int) bool { return size >= len(values) })]
	args := make([]any, size)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return placeholders(1, size), args
}
