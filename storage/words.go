package storage

import (
	"cmp"
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

// pageOf gives the sequence numbers of a page of an office's documents or arrivals, the newest first.
func (t *transaction) pageOf(
	ctx context.Context, table, index string, office exchange.OfficeID, page exchange.Page,
) ([]int64, error) {
	if page.Limit < 1 || page.Limit > longestPage {
		return nil, exchange.Errorf(exchange.Invalid, "page.limit", "%d is not 1 to %d", page.Limit, longestPage)
	}
	asked := words(page.Search)
	if len(asked) > mostAsked {
		return nil, exchange.Errorf(exchange.Invalid, "page.search", "%d words, at most %d", len(asked), mostAsked)
	}
	offices := append([]exchange.OfficeID{office}, page.Inherited...)
	before, err := t.cursorAmong(ctx, table, offices, page.After)
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, office := range offices {
		found, err := t.pageOfOne(ctx, table, index, office, part{before, page.Limit, asked})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	if len(offices) > 1 {
		slices.SortFunc(all, func(a, b int64) int { return cmp.Compare(b, a) })
	}
	return all[:min(len(all), page.Limit)], nil
}

// part is what of a list is asked for: so many before a sequence number, with all the words.
type part struct {
	before int64
	limit  int
	asked  []string
}

func (t *transaction) pageOfOne(
	ctx context.Context, table, index string, office exchange.OfficeID, part part,
) ([]int64, error) {
	if len(part.asked) == 0 {
		live := ""
		if table == "arrival" { // what was withdrawn has no words: a search does not find it either
			live = " and not exists (select 1 from withdrawn w where w.arrival = arrival.id)"
		}
		return t.numbers(ctx, "select seq from "+table+
			" where office = $1 and seq < $2"+live+" order by seq desc limit $3", string(office), part.before, part.limit)
	}
	// The condition on the office stands beside the office's word: two locks on one door.
	found := "select seq from " + table + " where office = $1 and seq in (" + fmt.Sprintf(t.engine.match, index) +
		") order by seq desc"
	return t.numbers(ctx, found, string(office), t.engine.query(officeWord(office), part.asked),
		part.before, part.limit)
}

// cursorAmong is cursor for a list of several offices.
func (t *transaction) cursorAmong(
	ctx context.Context, table string, offices []exchange.OfficeID, id string,
) (seq int64, err error) {
	for _, office := range offices {
		if seq, err = t.cursor(ctx, table, office, id); err == nil || exchange.CodeOf(err) != "page.cursor" {
			return seq, err
		}
	}
	return seq, err
}

// cursor gives the sequence number of the last item seen.
func (t *transaction) cursor(ctx context.Context, table string, office exchange.OfficeID, id string) (int64, error) {
	if id == "" {
		return 1<<63 - 1, nil
	}
	var seq int64
	found, err := t.one(ctx, "select seq from "+table+" where id = $1 and office = $2",
		[]any{id, string(office)}, &seq)
	if err == nil && !found {
		err = exchange.Errorf(exchange.Invalid, "page.cursor", "there is no item %q to continue after", id)
	}
	return seq, err
}

func (t *transaction) numbers(ctx context.Context, text string, args ...any) ([]int64, error) {
	return collect(ctx, t, text, args, func(row scanner) (int64, error) {
		var seq int64
		err := row.Scan(&seq)
		return seq, err
	})
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
