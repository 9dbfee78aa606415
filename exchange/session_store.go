package exchange

import (
	"context"
	"time"
)

// SessionRecords is the part of a transaction that keeps signing sessions.
type SessionRecords interface {
	// AddSession records a session with its parts. A known id is the Conflict session.known.
	AddSession(ctx context.Context, session Session) error
	// Session gives a session of the office with the outcomes of its parts; NotFound session.not_found.
	Session(ctx context.Context, office OfficeID, id SessionID) (Session, error)
	// FinishSession records the outcome of one part, once: a second is the Conflict session.finished.
	FinishSession(ctx context.Context, id SessionID, part PartID, outcome SessionOutcome) error
	// AddSessionLinks and SessionLink keep links by the SHA-256 of their secrets; NotFound session.no_such_link.
	AddSessionLinks(ctx context.Context, links []SessionLink) error
	SessionLink(ctx context.Context, hash Digest) (SessionLink, error)
	// ForgetPrepared takes out what was prepared for parts that are finished, or whose session has expired at the moment.
	// Of what became of them nothing is lost. It says of how many parts, at most the limit.
	ForgetPrepared(ctx context.Context, at time.Time, limit int) (int, error)
}
