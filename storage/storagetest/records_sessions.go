package storagetest

import (
	"context"
	"testing"
	"time"

	"congvan/exchange"
)

// signingSession is a session of the commune on its first two documents.
func signingSession() exchange.Session {
	return exchange.Session{
		ID: "01JPHIENKY", Office: Commune, Step: exchange.StepSealed, Way: exchange.ByValue, By: "văn thư",
		CreatedAt: Start(), ExpiresAt: Start().Add(exchange.SessionLife),
		Parts: []exchange.SessionPart{
			{Document: Document(Commune, 2).ID, Version: "22", Prepared: []byte(`{"tail":"\u0000"}`)},
			{Document: Document(Commune, 1).ID, Version: "11"},
		},
	}
}

func (s *story) session(t *testing.T) exchange.Session {
	t.Helper()
	var session exchange.Session
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		session, err = tx.Session(ctx, Commune, signingSession().ID)
		return err
	})
	return session
}

func sessionsComeBack(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 1), Document(Commune, 2))
	given := signingSession()
	filled(t, given)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddSession(ctx, given) })
	equal(t, "session", s.session(t), given)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		refused(t, tx.AddSession(ctx, given), exchange.Conflict, "session.known")
		_, err := tx.Session(ctx, "so-khac", given.ID)
		refused(t, err, exchange.NotFound, "session.not_found")
		_, err = tx.Session(ctx, Commune, "01JKHAC")
		refused(t, err, exchange.NotFound, "session.not_found")
		return nil
	})
}

func sessionFinishedOnce(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 1), Document(Commune, 2))
	session := signingSession()
	s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddSession(ctx, session) })
	outcome := exchange.SessionOutcome{Given: "aa", Result: "bb", At: Start().Add(time.Minute)}
	filled(t, outcome)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.FinishSession(ctx, session.ID, session.Parts[1].Document, outcome)
	})
	other := outcome
	other.Given = "cc"
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		err := tx.FinishSession(ctx, session.ID, session.Parts[1].Document, other)
		refused(t, err, exchange.Conflict, "session.finished")
		err = tx.FinishSession(ctx, session.ID, "01JKHAC", other)
		refused(t, err, exchange.NotFound, "session.no_such_document")
		return nil
	})
	session.Parts[1].Outcome = &outcome
	equal(t, "session with one outcome", s.session(t), session)
}

func sessionLinks(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 1), Document(Commune, 2))
	session := signingSession()
	link := exchange.SessionLink{
		Hash: "dd", Use: exchange.LinkUpload, Session: session.ID, Office: Commune, Document: session.Parts[0].Document,
	}
	filled(t, link)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		if err := tx.AddSession(ctx, session); err != nil {
			return err
		}
		return tx.AddSessionLinks(ctx, []exchange.SessionLink{link})
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		stored, err := tx.SessionLink(ctx, "dd")
		equal(t, "link", stored, link)
		_, unknown := tx.SessionLink(ctx, "ee")
		refused(t, unknown, exchange.NotFound, "session.no_such_link")
		return err
	})
}
