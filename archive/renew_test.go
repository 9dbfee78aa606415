package archive_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"congvan/archive"
	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/reading"
	"congvan/signing"
)

// gatherer finds the certificates above a signer's.
type gatherer struct{ missing bool }

func (g *gatherer) Gather(_ context.Context, identity certs.Identity, _ time.Time) (certs.Evidence, error) {
	if g.missing {
		return certs.Evidence{}, certs.ErrNoEvidence
	}
	return certs.Evidence{Certificates: identity.Chain}, nil
}

// lasting lets the archive of a house raise what it keeps, by a clock of its own.
func (h house) lasting(t *testing.T, evidence signing.EvidenceGatherer) (clock *time.Time) {
	t.Helper()
	now := noon
	h.keeper.Level, h.keeper.Evidence = signing.LevelLTA, evidence
	h.keeper.Stamper = stamperOf(t, &now, noon.Add(-time.Minute))
	h.keeper.Now = func() time.Time { return now }
	return &now
}

// stamperOf is a time-stamping authority whose certificate is of this day.
func stamperOf(t *testing.T, clock *time.Time, day time.Time) certs.Stamper {
	t.Helper()
	authority, err := certs.NewAuthority(certs.Setting{URL: "http://127.0.0.1:1", Now: func() time.Time { return day }})
	must(t, err)
	return certstest.NewLocalStamper(t, authority, func() time.Time { return *clock })
}

func (h house) kept(t *testing.T, id exchange.DocumentID) (list []exchange.Kept) {
	t.Helper()
	must(t, h.keeper.Records.View(t.Context(), func(tx exchange.Tx) (err error) {
		list, err = tx.Kept(t.Context(), sender, id)
		return err
	}))
	return list
}

func read(t *testing.T, store exchange.Blobs, digest exchange.Digest) []byte {
	t.Helper()
	blob, err := store.Open(t.Context(), digest)
	must(t, err)
	defer blob.Close()
	data, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	must(t, err)
	return data
}

func TestTheArchivesCopyIsRaisedAndRenewedAndWhatWasSentStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document, _ := h.letter(t)
	evidence := &gatherer{missing: true}
	clock := h.lasting(t, evidence)
	_, err := h.keeper.TakeDocument(t.Context(), actor(sender, exchange.Archivist), document.ID, filing)
	must(t, err)
	h.renews(t, 0) // there is no evidence yet, so it is put off
	evidence.missing = false
	h.renews(t, 0)
	*clock = clock.Add(7 * time.Hour)
	h.renews(t, 1)
	h.renews(t, 0)
	fades := noon.Add(-time.Minute).AddDate(3, 0, 0) // the certificate of the time-stamping authority ends
	*clock = fades.AddDate(0, 0, -181)
	h.renews(t, 0)
	*clock = fades.AddDate(0, 0, -180)
	h.keeper.Stamper = stamperOf(t, clock, *clock) // by then the authority has another
	h.renews(t, 1)
	h.renews(t, 0)
	list := h.kept(t, document.ID)
	if len(list) != 3 || list[0].File != document.Current() || list[2].Level != signing.LevelLTA ||
		!list[2].Due.Equal(clock.AddDate(3, 0, -180)) {
		t.Fatalf("kept: %+v", list)
	}
	before := read(t, h.keeper.Blobs, list[0].File.Digest)
	for _, kept := range list[1:] {
		data := read(t, h.keeper.Second, kept.File.Digest)
		if !bytes.HasPrefix(data, before) || len(data) == len(before) {
			t.Errorf("file %d does not extend the one before", kept.Ordinal)
		}
		before = data
	}
	after, err := reading.Desk{Gateway: h.gateway}.Document(t.Context(), actor(sender, exchange.Clerk), document.ID)
	if err != nil || after.Current() != document.Current() {
		t.Errorf("what was sent: %+v, %v", after.Current(), err)
	}
}

func (h house) renews(t *testing.T, want int) {
	t.Helper()
	made, err := h.keeper.Renew(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil || made != want {
		t.Errorf("renewed %d, want %d, %v", made, want, err)
	}
}

func TestTwoInstancesRenewADocumentOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document, _ := h.letter(t)
	h.lasting(t, &gatherer{})
	_, err := h.keeper.TakeDocument(t.Context(), actor(sender, exchange.Archivist), document.ID, filing)
	must(t, err)
	var group sync.WaitGroup
	for range 4 {
		other := archive.Keeper{
			Records: h.keeper.Records, Blobs: h.keeper.Blobs, Second: h.keeper.Second, Now: h.keeper.Now,
			Level: h.keeper.Level, Stamper: h.keeper.Stamper, Evidence: h.keeper.Evidence,
		}
		group.Go(func() {
			if _, err := other.Renew(t.Context(), slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if list := h.kept(t, document.ID); len(list) != 2 {
		t.Errorf("kept: %+v", list)
	}
}

// An authority that ends soon is not asked every hour.
func TestATimeStampThatFadesSoonIsRenewedOnceInAWhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document, _ := h.letter(t)
	clock := h.lasting(t, &gatherer{})
	_, err := h.keeper.TakeDocument(t.Context(), actor(sender, exchange.Archivist), document.ID, filing)
	must(t, err)
	h.renews(t, 1)
	*clock = noon.AddDate(2, 9, 0)
	h.renews(t, 1) // by the same authority, which has three months left
	for _, step := range []struct{ days, made int }{{29, 0}, {1, 1}, {1, 0}} {
		*clock = clock.AddDate(0, 0, step.days)
		h.renews(t, step.made)
	}
}
