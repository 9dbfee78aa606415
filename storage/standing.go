package storage

import (
	"context"

	"congvan/exchange"
)

// Standing tells how far a document of the office is.
func (t *transaction) Standing(
	ctx context.Context, office exchange.OfficeID, id exchange.DocumentID,
) (standing exchange.Standing, err error) {
	found, err := t.one(ctx, "select (select count(*) from version v where v.document = d.id), "+
		"exists (select 1 from issued i where i.document = d.id) from document d where d.id = $1 and d.office = $2",
		[]any{string(id), string(office)}, &standing.Versions, &standing.Issued)
	if err == nil && !found {
		err = notFound(codeNoDocument, id)
	}
	return standing, err
}
