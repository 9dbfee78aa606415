package exchange

import "context"

// StandingRecords tell how far a document is, without reading it.
type StandingRecords interface {
	// Standing gives how many versions a document of the office has, and whether it was issued. NotFound:
	// document.not_found.
	Standing(ctx context.Context, office OfficeID, id DocumentID) (Standing, error)
}

// Standing is how far a document is.
type Standing struct {
	Versions int
	Issued   bool
}
