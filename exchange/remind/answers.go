package remind

import (
	"context"
	"time"

	"congvan/exchange"
)

// answers are the first answers to documents.
type answers struct {
	first map[answerKey]time.Time
	// line gives an office and who went on with its documents after its end, and so answers for it, too.
	line func(exchange.OfficeID) []exchange.OfficeID
}

type answerKey struct {
	document exchange.DocumentID
	by       exchange.OfficeID
}

// by is when the office answered, or whoever went on with its documents; zero when nobody did.
func (a answers) by(document exchange.DocumentID, office exchange.OfficeID) time.Time {
	var first time.Time
	for _, one := range a.line(office) {
		first = firstOf(first, a.first[answerKey{document, one}])
	}
	return first
}

// said reads what receipts say about the documents at an office, or at all, and the answers to them.
func (r *Reminder) said(
	ctx context.Context, tx exchange.Tx, at, office exchange.OfficeID, ids []exchange.DocumentID,
) (map[exchange.DocumentID][]exchange.Statement, answers, error) {
	directory, today := r.Gateway.Directory(), exchange.Today(r.now())
	given := answers{map[answerKey]time.Time{}, func(office exchange.OfficeID) []exchange.OfficeID {
		return directory.Line(office, today)
	}}
	statements, err := tx.Statements(ctx, at, ids)
	if err != nil {
		return nil, given, err
	}
	about := map[exchange.DocumentID][]exchange.Statement{}
	for _, statement := range statements {
		about[statement.Document] = append(about[statement.Document], statement)
	}
	for _, one := range given.line(office) { // who keeps the documents gives and gets the answers, too
		found, err := tx.Answers(ctx, one, ids)
		if err != nil {
			return nil, given, err
		}
		for _, answer := range found {
			key := answerKey{answer.To, answer.By}
			given.first[key] = firstOf(given.first[key], answer.At)
		}
	}
	return about, given, nil
}
