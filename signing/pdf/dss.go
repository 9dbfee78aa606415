package pdf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Evidence is what the document security store of a document holds (ETSI EN 319 142-1, 5.4.2), each value once and as
// DER. What cannot be read of it is left out; Damaged counts that.
type Evidence struct {
	Ref     Ref // of the store; zero when it stands in the catalog itself or is absent
	Dict    Dict
	Certs   [][]byte
	OCSPs   [][]byte
	CRLs    [][]byte
	VRI     map[string]VRI // by the key as written, upper case
	Damaged int
}

// VRI is the evidence for one signature. Its key is meant to be the hash of the signature; producers differ.
type VRI struct {
	Certs, OCSPs, CRLs [][]byte
	Time               string // /TU
	Stamp              []byte // /TS
}

// DSS reads the document security store; its Dict is nil when the document has none.
func (d *Document) DSS() (evidence Evidence, err error) {
	defer caught(&err)
	catalog, err := d.Catalog()
	if err != nil {
		return Evidence{}, err
	}
	evidence.Ref, _ = catalog["DSS"].(Ref)
	if evidence.Dict, err = d.Dict(catalog["DSS"]); err != nil || evidence.Dict == nil {
		return evidence, err
	}
	reader := evidenceReader{doc: d, read: map[Ref][]byte{}}
	evidence.Certs = reader.streams(evidence.Dict["Certs"])
	evidence.OCSPs = reader.streams(evidence.Dict["OCSPs"])
	evidence.CRLs = reader.streams(evidence.Dict["CRLs"])
	evidence.VRI = reader.vri(evidence.Dict["VRI"])
	evidence.Damaged = reader.damaged
	return evidence, reader.fatal
}

type evidenceReader struct {
	doc     *Document
	read    map[Ref][]byte
	damaged int
	fatal   error // beyond the limits
}

func (r *evidenceReader) lost(err error) {
	if errors.Is(err, ErrTooComplex) || errors.Is(err, ErrEncrypted) {
		r.fatal = fmt.Errorf("security store: %w", err)
	}
	r.damaged++
}

func (r *evidenceReader) streams(value Object) [][]byte {
	array, err := r.doc.Array(value)
	if err != nil {
		r.lost(err)
		return nil
	}
	var found [][]byte
	seen := map[Ref]bool{}
	for _, item := range array {
		ref, _ := item.(Ref)
		if r.fatal != nil || seen[ref] {
			continue
		}
		seen[ref] = ref != Ref{}
		if data, ok := r.stream(ref, item); ok {
			found = append(found, data)
		}
	}
	return found
}

func (r *evidenceReader) stream(ref Ref, item Object) ([]byte, bool) {
	if data, ok := r.read[ref]; ok && ref != (Ref{}) {
		return data, data != nil
	}
	r.read[ref] = nil
	stream, err := r.doc.Stream(item)
	if err == nil && stream == nil {
		err = ErrDamagedStream
	}
	if err != nil {
		r.lost(err)
		return nil, false
	}
	data, err := r.doc.Decode(stream)
	if err != nil {
		r.lost(err)
		return nil, false
	}
	r.read[ref] = data
	return data, true
}

func (r *evidenceReader) vri(value Object) map[string]VRI {
	dict, err := r.doc.Dict(value)
	if err != nil {
		r.lost(err)
		return nil
	}
	found := map[string]VRI{}
	for key, value := range dict {
		entry, err := r.doc.Dict(value)
		if err != nil {
			r.lost(err)
			continue
		}
		if _, err := hex.DecodeString(string(key)); err != nil || entry == nil {
			continue // such as /Type
		}
		record := VRI{
			Certs: r.streams(entry["Cert"]), OCSPs: r.streams(entry["OCSP"]), CRLs: r.streams(entry["CRL"]),
			Time: string(r.doc.Text(entry["TU"])),
		}
		if ref, ok := entry["TS"].(Ref); ok {
			record.Stamp, _ = r.stream(ref, ref)
		}
		found[strings.ToUpper(string(key))] = record
	}
	return found
}
