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
			{
				PartID:  exchange.PartID{Document: Document(Commune, 2).ID, Attachment: 3},
				Version: "23", Prepared: []byte(`{"tail":"3"}`),
			},
			{
				PartID:  exchange.PartID{Document: Document(Commune, 2).ID},
				Version: "22", Prepared: []byte(`{"tail":"\u0000"}`),
			},
			{PartID: exchange.PartID{Document: Document(Commune, 1).ID}, Version: "11"},
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
	other := outcome
	other.Given = "cc"
	for _, part := range session.Parts[:2] { // an attachment, and the main file
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			return tx.FinishSession(ctx, session.ID, part.PartID, outcome)
		})
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			refused(t, tx.FinishSession(ctx, session.ID, part.PartID, other), exchange.Conflict, "session.finished")
			for _, unknown := range []exchange.PartID{
				{Document: "01JKHAC", Attachment: part.Attachment}, {Document: part.Document, Attachment: 9},
			} {
				err := tx.FinishSession(ctx, session.ID, unknown, other)
				refused(t, err, exchange.NotFound, "session.no_such_document")
			}
			return nil
		})
	}
	session.Parts[0].Outcome, session.Parts[1].Outcome = &outcome, &outcome
	equal(t, "session with two outcomes", s.session(t), session)
}

func sessionForgotten(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 1), Document(Commune, 2))
	session := signingSession()
	session.Parts[2].Prepared = []byte("11")
	outcome := exchange.SessionOutcome{Given: "aa", Result: "bb", At: Start().Add(time.Minute)}
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		if err := tx.AddSession(ctx, session); err != nil {
			return err
		}
		return tx.FinishSession(ctx, session.ID, session.Parts[0].PartID, outcome)
	})
	session.Parts[0].Outcome = &outcome
	forget := func(at time.Time, limit, want int) {
		t.Helper()
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			count, err := tx.ForgetPrepared(ctx, at, limit)
			if count != want {
				t.Errorf("forgot %d of at most %d, want %d", count, limit, want)
			}
			return err
		})
	}
	forget(Start(), 10, 1) // what is finished
	session.Parts[0].Prepared = nil
	equal(t, "session with one finished part", s.session(t), session)
	forget(session.ExpiresAt.Add(-time.Microsecond), 10, 0)
	forget(session.ExpiresAt, 1, 1)
	forget(session.ExpiresAt, 10, 1)
	forget(session.ExpiresAt, 10, 0)
	session.Parts[1].Prepared, session.Parts[2].Prepared = nil, nil
	equal(t, "expired session", s.session(t), session)
}

func sessionLinks(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 1), Document(Commune, 2))
	session := signingSession()
	link := exchange.SessionLink{
		Hash: "dd", Use: exchange.LinkUpload, Session: session.ID, Office: Commune, PartID: session.Parts[0].PartID,
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
