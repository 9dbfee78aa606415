package roll

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/exchange"
)

const (
	// recordType is the first key of a sealed record, so that its seal can never be shown as that of another statement.
	recordType = "congvan.directory.1"
	// maxChanges is how many changes one record holds.
	maxChanges = 200
	// Root is the authority whose certificate is pinned in the configuration. It may write everything.
	Root = "root"
)

// Record (bản ghi danh bạ) is what an authority states about offices and gateways: the sealed content of one leaf of
// the log, as JSON.
type Record struct {
	Log      string    `json:"log"` // that it is for, so that no other can show it
	By       string    `json:"by"`  // the authority that sealed it
	At       time.Time `json:"at"`  // UTC, by the authority's clock
	Approved string    `json:"approved,omitempty"`
	Basis    string    `json:"basis,omitempty"` // the legal document
	Changes  []Change  `json:"changes"`
}

// Change is a new version of one office, gateway or authority, whole. Exactly one of the three is there.
type Change struct {
	// Version counts the versions of this one from 1, so that no record can be shown twice.
	Version   int              `json:"version"`
	Office    *exchange.Office `json:"office,omitempty"`
	Node      *exchange.Node   `json:"node,omitempty"`
	Under     Grant            `json:"under,omitzero"`      // whose gateway Node is
	Gone      bool             `json:"gone,omitempty"`      // Node is struck off
	Authority *Authority       `json:"authority,omitempty"` // a delegation, or its end
}

// Authority (đơn vị quản lý danh bạ) is a key that may write a part of the directory.
type Authority struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Certificate []byte  `json:"certificate"` // DER
	Grants      []Grant `json:"grants"`
	Revoked     bool    `json:"revoked,omitempty"`
}

// Grant is a subtree of the codes of one scheme: that of the code and everything below it. The zero Grant is the whole
// directory.
type Grant struct {
	Scheme exchange.Scheme `json:"scheme,omitempty"`
	Code   string          `json:"code,omitempty"`
}

// covers says whether the code of the scheme lies in the subtree. Decision 20/2020 writes the highest level first,
// QCVN 102:2016 writes it last.
func (g Grant) covers(scheme exchange.Scheme, code string) bool {
	if g == (Grant{}) {
		return true
	}
	code, top := strings.ToUpper(code), strings.ToUpper(g.Code)
	switch {
	case g.Scheme != scheme || top == "":
		return false
	case code == top:
		return true
	case scheme == exchange.QCVN102:
		return strings.HasSuffix(code, "."+top)
	default:
		return strings.HasPrefix(code, top+".")
	}
}

func (a Authority) covers(scheme exchange.Scheme, code string) bool {
	for _, grant := range a.Grants {
		if grant.covers(scheme, code) {
			return true
		}
	}
	return false
}

// holds says whether everything in the other grants lies in those of the authority.
func (a Authority) holds(others ...Grant) bool {
	for _, other := range others {
		if !a.covers(other.Scheme, other.Code) {
			return false
		}
	}
	return true
}

// Seal makes the record's leaf: a CMS SignedData by the authority's key. Error: Invalid directory.record_invalid when
// it is too large for one.
func Seal(record Record, signer crypto.Signer, certificate *x509.Certificate) ([]byte, error) {
	content, err := json.Marshal(struct {
		Type string `json:"type"`
		Record
	}{recordType, record})
	if err != nil {
		return nil, fmt.Errorf("encode a record: %w", err)
	}
	sealed, err := cms.SealMessage(content, signer, certificate, nil)
	if err == nil && len(sealed) > exchange.MaxSealed || errors.Is(err, cms.ErrLimit) {
		return nil, exchange.Errorf(exchange.Invalid, "directory.record_invalid", "%d bytes, at most %d",
			len(content), exchange.MaxSealed)
	}
	return sealed, err
}

// SealAll parts the changes among as many records as they need and seals them as the authority.
func SealAll(record Record, identity certs.Identity) ([][]byte, error) {
	var all [][]byte
	for changes := record.Changes; len(changes) > 0; changes = changes[min(maxChanges, len(changes)):] {
		part := record
		part.Changes = changes[:min(maxChanges, len(changes))]
		sealed, err := Seal(part, identity.Signer, identity.Certificate)
		if err != nil {
			return nil, err
		}
		all = append(all, sealed)
	}
	return all, nil
}

// open checks the seal of a record and gives what it states and the certificate that made it. Limits come first.
func open(sealed []byte) (Record, *x509.Certificate, error) {
	if len(sealed) > exchange.MaxSealed {
		return Record{}, nil, exchange.Errorf(exchange.Invalid, "directory.record_invalid", "%d bytes", len(sealed))
	}
	message, err := cms.OpenMessage(sealed)
	if err != nil {
		return Record{}, nil, exchange.Errorf(exchange.Untrusted, "directory.bad_seal", "open a record: %w", err)
	}
	var statement struct {
		Type string `json:"type"`
		Record
	}
	err = json.Unmarshal(message.Content, &statement)
	switch {
	case err != nil:
		return Record{}, nil, exchange.Errorf(exchange.Invalid, "directory.record_invalid", "decode: %w", err)
	case statement.Type != recordType:
		return Record{}, nil, exchange.Errorf(exchange.Invalid, "directory.record_invalid", "type %.80q", statement.Type)
	case len(statement.Changes) == 0 || len(statement.Changes) > maxChanges:
		return Record{}, nil, exchange.Errorf(exchange.Invalid, "directory.record_invalid", "%d changes",
			len(statement.Changes))
	}
	return statement.Record, message.Signer, nil
}
