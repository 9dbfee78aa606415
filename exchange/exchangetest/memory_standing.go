package exchangetest

import (
	"context"

	"congvan/exchange"
)

// Standing tells how far a document of the office is.
func (t *transaction) Standing(
	ctx context.Context, office exchange.OfficeID, id exchange.DocumentID,
) (exchange.Standing, error) {
	document, err := t.Document(ctx, office, id)
	return exchange.Standing{Versions: len(document.Versions), Issued: !document.IssuedAt.IsZero()}, err
}
