// Package storagetest answers: does an engine of package storage keep its promises?
//
// [Records] and [Blobs] are the suites that every engine passes, [StartPostgreSQL] and [StartS3] start the servers
// that some engines need, and [FaultyRecords] and [FaultyBlobs] are engines that fail on purpose, for the tests of
// those who use them. The package knows the contracts of package exchange and no engine.
package storagetest

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
)

// RequirePeers is the variable of the environment that, set to 1, makes a test fail that would be skipped because a
// program of the machine is missing.
const RequirePeers = "CONGVAN_REQUIRE_PEERS"

// Missing skips the test, or fails it when peers are required.
func Missing(tb testing.TB, format string, args ...any) {
	tb.Helper()
	if os.Getenv(RequirePeers) == "1" {
		tb.Fatalf(format, args...)
	}
	tb.Skipf(format, args...)
}

// Offices of the fixtures.
const (
	Commune  exchange.OfficeID = "office-commune"
	Province exchange.OfficeID = "office-province"
)

// Start is a moment from which the fixtures count.
func Start() time.Time { return time.Date(2026, 3, 2, 1, 30, 0, 123456000, time.UTC) }

// ID gives the nth identifier of a kind: like ULIDs, they sort in the order of n.
func ID(kind string, n int) string { return fmt.Sprintf("01%s%010d", kind, n) }

// DigestOf gives a digest of 64 digits that stands for n.
func DigestOf(n int) exchange.Digest { return exchange.Digest(fmt.Sprintf("%064x", n)) }

// Document gives the nth document of an office, with every field filled.
func Document(office exchange.OfficeID, n int) exchange.Document {
	at := Start().Add(time.Duration(n) * time.Second)
	return exchange.Document{
		ID:         exchange.DocumentID(ID("DOC", n)),
		Office:     office,
		Kind:       "QĐ",
		Subject:    fmt.Sprintf("Quyết định số %d về việc thu hồi đất", n),
		Unit:       "VP",
		Placement:  &exchange.Placement{Page: -1, X: 125.5, Y: 45},
		Urgency:    exchange.MostUrgent,
		Secrecy:    exchange.NotSecret,
		Signatory:  exchange.Signatory{Name: "Nguyễn Văn Ánh", Position: "Chủ tịch", Capacity: exchange.OnBehalf},
		Recipients: []exchange.OfficeID{Province, "office-district"},
		RepliesTo:  "01DOC-before",
		Replaces:   []exchange.DocumentID{"01DOC-wrong"},
		DueOn:      "2026-04-01",
		Attachments: []exchange.File{
			{Name: "Phụ lục 1.pdf", MediaType: "application/pdf", Digest: DigestOf(n + 1), Size: 1 << 40},
		},
		CopyOf: &exchange.Original{
			Document: "01DOC-original", Arrival: "01ARR", Number: "15/QĐ-UBND", Digest: DigestOf(n + 2),
			From: "office-elsewhere",
		},
		CreatedAt: at,
		CreatedBy: "văn thư",
		Versions: []exchange.Version{{
			Step: exchange.StepSubmitted,
			File: exchange.File{Name: "văn bản.pdf", MediaType: "application/pdf", Digest: DigestOf(n), Size: 12345},
			Attachments: []exchange.File{
				{Name: "Phụ lục 1.pdf", MediaType: "application/pdf", Digest: DigestOf(n + 3), Size: 5},
			},
			Owed: "B-LT",
			At:   at,
			By:   "văn thư",
		}},
	}
}

// Arrival gives the nth arrival at an office, of the nth document, with its first receipt.
func Arrival(office exchange.OfficeID, n int) exchange.Arrival {
	document := Document("office-elsewhere", n)
	at := Start().Add(time.Duration(n) * time.Minute)
	return exchange.Arrival{
		ID:       exchange.ArrivalID(ID("ARR", n) + string(office)),
		Office:   office,
		Document: document.ID,
		Header: exchange.Header{
			Version:   1,
			ID:        document.ID,
			From:      document.Office,
			FromName:  "Uỷ ban nhân dân xã Đông Đô",
			To:        []exchange.OfficeID{office},
			Node:      "node-elsewhere",
			Kind:      document.Kind,
			Subject:   document.Subject,
			Urgency:   document.Urgency,
			Secrecy:   document.Secrecy,
			Signatory: document.Signatory,
			Numbering: exchange.Numbering{Number: n + 1, Notation: "QĐ-UBND", Date: "2026-03-02"},
			Main:      document.Versions[0].File,
			IssuedAt:  at,
		},
		ArrivedAt: at,
		Receipts:  []exchange.Receipt{Receipt(office, n, exchange.Arrived)},
	}
}

// Receipt gives a receipt about the nth document at an office.
func Receipt(office exchange.OfficeID, n int, status exchange.Status) exchange.Receipt {
	return exchange.Receipt{
		ID:       exchange.MessageID(ID("RCT", n) + string(office) + string(status)),
		Document: exchange.DocumentID(ID("DOC", n)),
		Content:  DigestOf(n),
		Office:   office,
		For:      "office-that-ended",
		Node:     "node-here",
		Status:   status,
		Reason:   "lý do",
		Number:   n,
		By:       "văn thư",
		At:       Start().Add(time.Duration(n) * time.Minute),
		LogSize:  int64(n),
		Sealed:   []byte{0x30, 0, byte(n)},
		From:     "node-elsewhere",
		Message:  DigestOf(n),
		After:    "01REFUSAL",
	}
}

// filled fails the test unless every field of a fixture has a value, but those that are named: a field that the
// contract gets later must not be lost in silence by an engine that does not know it.
func filled(tb testing.TB, fixture any, but ...string) {
	tb.Helper()
	value := reflect.ValueOf(fixture)
	for i := range value.NumField() {
		name := value.Type().Field(i).Name
		if value.Field(i).IsZero() != slices.Contains(but, name) {
			tb.Fatalf("fixture %T: fill %s, and see that every engine keeps it", fixture, name)
		}
	}
}

// equal fails the test when two values differ.
func equal(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// ok fails the test when there is an error.
func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// refused fails the test unless the error has the kind and the code.
func refused(tb testing.TB, err error, kind exchange.ErrorKind, code string) {
	tb.Helper()
	if err == nil || exchange.KindOf(err) != kind || exchange.CodeOf(err) != code {
		tb.Fatalf("got %v (%s, %s), want %s, %s", err, exchange.KindOf(err), exchange.CodeOf(err), kind, code)
	}
}

// errOnPurpose is what a closure of a test fails with.
var errOnPurpose = errors.New("fails on purpose")
