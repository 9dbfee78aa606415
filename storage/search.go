package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"congvan/exchange"
)

// How a search goes about its work. Where all words together are frequent, the newest rows are read one by one; where
// they are not, the index is asked for the rarest of them, and what it finds is read. Which is which a sample tells:
// the databases cannot, because they do not know how many rows a beginning of a word has.
const (
	fewRows    = 10_000 // that are read one by one without further thought
	someRows   = 20_000 // that are read one by one at most when the sample promises a page among them
	sampleRows = longestPage
	promising  = 3   // rows of the sample that have all words: before the third of them there is a page
	firstGuess = 400 // rows that are taken from the index at first when they must be read
)

// question is a search on its way.
type question struct {
	table  string // document or arrival
	index  string // of its words
	office exchange.OfficeID
	asked  []string
	before int64
	limit  int
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
		found, err := t.pageOfOne(ctx, question{
			table: table, index: index, office: office, asked: asked, before: before, limit: page.Limit,
		})
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

func (t *transaction) pageOfOne(ctx context.Context, q question) ([]int64, error) {
	if len(q.asked) > 0 {
		return t.search(ctx, q)
	}
	live := ""
	if q.table == "arrival" { // what was withdrawn has no words: a search does not find it either
		live = " and not exists (select 1 from withdrawn w where w.arrival = arrival.id)"
	}
	return t.numbers(ctx, "select seq from "+q.table+
		" where office = $1 and seq < $2"+live+" order by seq desc limit $3", string(q.office), q.before, q.limit)
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

// search gives the numbers of the newest rows of the office that have all words.
func (t *transaction) search(ctx context.Context, q question) ([]int64, error) {
	var newest int64
	if _, err := t.one(ctx, "select coalesce(max(seq), 0) from "+q.table, nil, &newest); err != nil {
		return nil, err
	}
	q.before = min(q.before, newest+1)
	if q.before <= fewRows {
		return t.walk(ctx, q, 0)
	}
	rows, err := t.sample(ctx, q)
	if err != nil {
		return nil, err
	}
	from := rows.page(q)
	if near := q.near(from); from > 0 && q.before-near <= someRows {
		found, err := t.walk(ctx, q, near)
		if err != nil || len(found) == q.limit {
			return found, err
		}
	}
	rare := rows.rare(t.words(q), t.engine.enough/float64(q.before))
	found, err := t.lookUp(ctx, q, rare, from)
	if err == nil && len(found) < q.limit && from > 0 { // the sample promised too much
		found, err = t.lookUp(ctx, q, rare, 0)
	}
	return found, err
}

// near is from where on there should be a page, with a reserve for chance, when there are pages from the other number
// on.
func (q question) near(from int64) int64 {
	pages := max(1, promising*(q.before/sampleRows)/int64(q.limit))
	return max(1, q.before-max(fewRows, 3*(q.before-from)/pages))
}

// words are those that the index may be asked for. Where it is asked for nothing but the rarest, the office's may be
// among them: of most gateways it is in every row.
func (t *transaction) words(q question) []string {
	if t.engine.reads {
		return append([]string{officeWord(q.office)}, q.asked...)
	}
	return q.asked
}

// walk reads the rows one by one, the newest first, down to a number.
func (t *transaction) walk(ctx context.Context, q question, from int64) ([]int64, error) {
	return t.found(ctx, q, t.engine.walk, q.asked, from)
}

// lookUp asks the index for some of the words, and reads what it finds for the others.
func (t *transaction) lookUp(ctx context.Context, q question, rare []string, from int64) ([]int64, error) {
	text := t.engine.match
	if from > 0 {
		text = t.engine.matchFrom
	}
	if t.engine.reads || len(rare) == len(q.asked) {
		return t.found(ctx, q, text, rare, from)
	}
	var found []int64
	next := q
	for next.limit = firstGuess; ; next.limit *= 10 {
		candidates, err := t.found(ctx, next, text, rare, from)
		if err != nil {
			return nil, err
		}
		for part := range slices.Chunk(candidates, sampleRows) {
			whole, err := t.whole(ctx, q, part)
			if found = append(found, whole...); err != nil || len(found) >= q.limit {
				return found[:min(len(found), q.limit)], err
			}
		}
		if len(candidates) < next.limit {
			return found, nil
		}
		next.before = candidates[len(candidates)-1]
	}
}

// whole gives those of the rows that have all words.
func (t *transaction) whole(ctx context.Context, q question, numbers []int64) ([]int64, error) {
	rows, err := t.wordsOf(ctx, q.table, numbers)
	return slices.DeleteFunc(slices.Clone(numbers), func(seq int64) bool { return !haveAll(rows[seq], q.asked) }), err
}

// found asks the index. The condition on the office stands beside the office's word: two locks on one door.
func (t *transaction) found(ctx context.Context, q question, text string, rare []string, from int64) ([]int64, error) {
	office := []string{officeWord(q.office)}
	args := []any{string(q.office), t.engine.query(append(office, rare...)), q.before, q.limit}
	if text != t.engine.match {
		args = append(args, from)
	}
	if t.engine.reads && text != t.engine.walk {
		args[1] = t.engine.query(append(office, q.asked...))
		args = append(args, t.engine.query(rare))
	}
	return t.numbers(ctx, "select seq from "+q.table+" where office = $1 and seq in ("+fmt.Sprintf(text, q.index)+
		") order by seq desc", args...)
}

// sample is the words of rows at even distances, the newest first.
type sample struct {
	numbers []int64
	words   map[int64][]string
}

func (t *transaction) sample(ctx context.Context, q question) (sample, error) {
	var taken sample
	for i := range int64(sampleRows) {
		taken.numbers = append(taken.numbers, q.before-1-i*(q.before-1)/sampleRows)
	}
	var err error
	taken.words, err = t.wordsOf(ctx, q.table, taken.numbers)
	return taken, err
}

// page gives a number from which on there is more than a page, 0 if none is known.
func (s sample) page(q question) int64 {
	office, together := officeWord(q.office), 0
	for _, seq := range s.numbers {
		if row := s.words[seq]; len(row) > 0 && row[0] == office && haveAll(row, q.asked) {
			if together++; together == promising {
				return seq
			}
		}
	}
	return 0
}

// rare gives the words to ask the index for: the rarest, and more of them until a small enough share of the rows is
// left to read. A word of every other row is no help: what it leaves out is read as fast as it is passed over.
func (s sample) rare(asked []string, enough float64) []string {
	share := make(map[string]float64, len(asked))
	for _, word := range asked {
		count := 0.5
		for _, row := range s.words {
			if haveAll(row, []string{word}) {
				count++
			}
		}
		share[word] = count / float64(len(s.words)+1)
	}
	byShare := func(a, b string) int { return cmp.Compare(share[a], share[b]) }
	rare := slices.SortedStableFunc(slices.Values(asked), byShare)
	left := 1.0
	for i, word := range rare {
		if i > 0 && (left < enough || share[word] > 0.5) {
			return rare[:i]
		}
		left *= share[word]
	}
	return rare
}

// haveAll says whether each of the words asked for begins one of the words.
func haveAll(words, asked []string) bool {
	for _, begin := range asked {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, begin) }) {
			return false
		}
	}
	return true
}

// wordsOf makes the words of rows again from their facts, that of the office first.
func (t *transaction) wordsOf(ctx context.Context, table string, numbers []int64) (map[int64][]string, error) {
	in, args := among(numbers)
	found := make(map[int64][]string, len(numbers))
	text, read := documentWordsOf, readDocumentWords
	if table == "arrival" {
		text, read = arrivalWordsOf, readArrivalWords
	}
	_, err := collect(ctx, t, text+in, args, func(row scanner) (none struct{}, err error) {
		seq, words, err := read(row)
		found[seq] = words
		return none, err
	})
	return found, err
}

const (
	documentWordsOf = "select d.seq, d.id, d.office, d.kind, d.subject, d.signatory, " + numberingColumns +
		" from document d left join numbering n on n.subject = d.id where d.seq in "
	arrivalWordsOf = "select a.seq, a.document, a.office, a.header, " + numberingColumns +
		" from arrival a left join numbering n on n.subject = a.id where a.seq in "
)

func readDocumentWords(row scanner) (seq int64, found []string, err error) {
	var document exchange.Document
	var numbering nullNumbering
	err = row.Scan(append([]any{
		&seq, &document.ID, &document.Office, &document.Kind, &document.Subject, jsonColumn{&document.Signatory},
	}, numbering.fields()...)...)
	document.Numbering = numbering.value()
	return seq, append([]string{officeWord(document.Office)}, documentWords(document)...), err
}

func readArrivalWords(row scanner) (seq int64, found []string, err error) {
	var arrival exchange.Arrival
	var numbering nullNumbering
	err = row.Scan(append([]any{
		&seq, &arrival.Document, &arrival.Office, jsonColumn{&arrival.Header},
	}, numbering.fields()...)...)
	return seq, append([]string{officeWord(arrival.Office)}, arrivalWords(arrival, numbering.value())...), err
}
