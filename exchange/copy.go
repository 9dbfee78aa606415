package exchange

import "context"

// The forms of copy (Decree 30/2020, Article 25).
const (
	TrueCopy   Kind = "SY" // sao y: the whole of an original
	CopyOfCopy Kind = "SL" // sao lục: the whole of a true copy
	Excerpt    Kind = "TS" // trích sao: a part of an original
)

// Original (bản gốc, bản chính) is what a copy was made of.
type Original struct {
	Document DocumentID `json:"document"`
	Arrival  ArrivalID  `json:"arrival,omitempty"` // when it came from another office
	Number   string     `json:"number"`            // số và ký hiệu
	Digest   Digest     `json:"digest"`            // of the main file that was copied
	From     OfficeID   `json:"from,omitempty"`    // that issued it
}

// stated is what a header says of the original: not under which id it arrived at the office that copied it.
func (o *Original) stated() *Original {
	if o == nil {
		return nil
	}
	stated := *o
	stated.Arrival = ""
	return &stated
}

// usableOriginal refuses to issue a copy of an arrival that was given back, or is asked back, since it was copied.
func (g *Gateway) usableOriginal(ctx context.Context, tx Tx, document Document) error {
	if document.CopyOf == nil || document.CopyOf.Arrival == "" {
		return nil
	}
	arrival, err := g.FindArrival(ctx, tx, document.Office, document.CopyOf.Arrival)
	if err != nil {
		return err
	}
	return arrival.Usable()
}
