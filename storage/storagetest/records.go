package storagetest

import (
	"context"
	"slices"
	"testing"

	"congvan/exchange"
)

// Records is the suite that every engine of exchange.Records passes. open gives empty records that nobody else uses,
// and cares for their end.
func Records(t *testing.T, open func(tb testing.TB) exchange.Records) {
	t.Helper()
	for _, told := range slices.Concat(pathStories, sideStories, engineStories) {
		t.Run(told.name, func(t *testing.T) {
			t.Parallel()
			told.tell(t, newStory(open(t)))
		})
	}
}

// conformance is one thing that every engine does.
type conformance struct {
	name string
	tell func(t *testing.T, s *story)
}

// The stories: of the path of a document, of what is kept beside it, and of the engine itself.
var (
	pathStories = []conformance{
		{"documents come back as they were given", documentsComeBack},
		{"a known document is a conflict that spoils nothing else", knownDocument},
		{"versions stand in order", versionsInOrder},
		{"a document is issued once", issuedOnce},
		{"a subject keeps its number", numberKept},
		{"a document that was read gets a number like any other", numberAfterReading},
		{"numbers have no gaps under concurrent and failing writers", numbersWithoutGaps},
		{"a known message gives the stored one", knownMessage},
		{"owed deliveries come urgent first, then oldest first", owedInOrder},
		{"an acknowledged delivery is owed no more", acknowledgedOnce},
		{"a message that is not there is not owed", deliveriesOfNothing},
		{"thousands of deliveries are one call", manyDeliveries},
		{"documents that were refused on the way are listed", refusalsListed},
		{"arrivals come back as they were given", arrivalsComeBack},
		{"a document arrives once at an office", arrivesOnce},
		{"an arrival is unjudged until it is judged", unjudgedUntilJudged},
		{"an arrival is filed once", filedOnce},
		{"what the archive keeps stands in order and falls due", keptInOrder},
		{"a document owes a level until it is reached or issued", owingUntilIssued},
		{"a known receipt changes nothing", knownReceipt},
		{"what belongs to an office is not found by another", otherOffices},
		{"the log grows in order and its head is the Merkle root", logHead},
		{"the log has no gaps under concurrent and failing writers", logWithoutGaps},
		{"every leaf can be proved to be in the log", logProofs},
		{"the newest endorsement is given", endorsements},
		{"the last checkpoint that was witnessed is given", witnesses},
	}
	sideStories = []conformance{
		{"a refusal is the one answer to one question", refusalsKept},
		{"notices are kept and heeded once", notices},
		{"what was withdrawn is in no list", withdrawals},
		{"ties are found from both ends", ties},
		{"entries are those of one office about one document", entriesOfOffice},
		{"a token is found by its hash and revoked for good", tokens},
		{"the first states of a hash stay", midstatesStay},
		{"the first answer to a request is remembered", remembered},
		{"signing sessions come back as they were given", sessionsComeBack},
		{"a part of a signing session is finished once", sessionFinishedOnce},
		{"what was prepared is forgotten when it is of no more use", sessionForgotten},
		{"links of signing sessions are found by their hash", sessionLinks},
		{"what comes is watched once, the most pressing first", watchedOnce},
		{"the same reminder is given once", remindedOnce},
		{"a span is read in order", spansInOrder},
		{"statements and answers are found by their documents", statementsAndAnswers},
		{"records of the directory keep their places", directoryRecords},
		{"what an office inherited is in its lists", inheritedListed},
		{"what an office left open goes over once", leftOpen},
		{"a book is closed once", booksClosedOnce},
		{"a mailbox stays where it stands when its order changes", mailboxStays},
		{"a line is handed over once, to one who was given it", handedOverOnce},
		{"mailboxes are due when something is to be pushed", mailboxesDue},
	}
	engineStories = []conformance{
		{"pages go from the newest to the oldest without a gap", pages},
		{"a wrong page is refused", wrongPages},
		{"search finds with and without diacritics", search},
		{"search finds by numbers taken later", searchNumbers},
		{"a failing closure leaves nothing", failingClosure},
		{"a panic is contained", panicContained},
		{"a closure that ends its goroutine leaves nothing", goexitContained},
		{"a view writes nothing", viewWritesNothing},
		{"a view sees one state", viewSeesOneState},
		{"a cancelled caller leaves nothing", cancelledCaller},
		{"a caller who waits can give up", waitingCaller},
		{"a transaction is over when its closure is", overIsOver},
		{"two hundred readers and writers", manyReaders},
		{"what is not text is refused", notText},
	}
)

// story is a test of one set of records.
type story struct {
	records exchange.Records
}

func newStory(records exchange.Records) *story { return &story{records: records} }

// update fails the test when the update fails.
func (s *story) update(t *testing.T, fn func(ctx context.Context, tx exchange.Tx) error) {
	t.Helper()
	ok(t, s.try(t, fn))
}

// try gives what the update says.
func (s *story) try(t *testing.T, fn func(ctx context.Context, tx exchange.Tx) error) error {
	t.Helper()
	return s.records.Update(t.Context(), func(tx exchange.Tx) error { return fn(t.Context(), tx) })
}

// view fails the test when the view fails.
func (s *story) view(t *testing.T, fn func(ctx context.Context, tx exchange.Tx) error) {
	t.Helper()
	ok(t, s.records.View(t.Context(), func(tx exchange.Tx) error { return fn(t.Context(), tx) }))
}

// add records documents.
func (s *story) add(t *testing.T, documents ...exchange.Document) {
	t.Helper()
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for _, document := range documents {
			if err := tx.AddDocument(ctx, document); err != nil {
				return err
			}
		}
		return nil
	})
}

// document reads a document of the commune that must be there.
func (s *story) document(t *testing.T, id exchange.DocumentID) exchange.Document {
	t.Helper()
	var document exchange.Document
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		document, err = tx.Document(ctx, Commune, id)
		return err
	})
	return document
}

// arrive records an arrival.
func (s *story) arrive(t *testing.T, arrival exchange.Arrival) (stored exchange.Arrival, known bool) {
	t.Helper()
	s.update(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		stored, known, err = tx.AddArrival(ctx, arrival)
		return err
	})
	return stored, known
}
