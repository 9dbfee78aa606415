package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"congvan/certs/cms"
)

// ErrNoAnchors means that a folder of anchors holds no certificate.
var ErrNoAnchors = errors.New("no trust anchors")

const (
	maxAnchorFile = 1 << 20 // bytes
	windowSuffix  = ".window"
)

// LoadAnchors reads a folder of anchors: files named *.pem, *.crt, *.cer, *.der (PEM or DER, any number of
// certificates) and *.p7b, *.p7c. The sub-folders official, public and test say the realm. A file beside them, at the
// top, says nothing of its realm and so gets the one with fewer rights, [Public].
//
// A file NAME.window narrows the validity of every certificate in the file NAME. It holds an ISO 8601 interval such
// as 2015-01-01T00:00:00Z/2025-06-30T16:59:59Z; ".." on either side leaves that side open.
//
// Other files and folders are left alone. A file that cannot be read is an error that names it; a folder without any
// certificate is ErrNoAnchors.
func LoadAnchors(folder fs.FS) (Anchors, error) {
	files, err := ListAnchorFiles(folder)
	if err != nil {
		return Anchors{}, fmt.Errorf("load anchors: %w", err)
	}
	var anchors []Anchor
	for _, file := range files {
		anchors = append(anchors, file.Anchors...)
	}
	if len(anchors) == 0 {
		return Anchors{}, fmt.Errorf("load anchors: %w", ErrNoAnchors)
	}
	return NewAnchors(anchors...), nil
}

// AnchorFile is one file of a folder of anchors and what is in it.
type AnchorFile struct {
	Path    string // from the folder
	Anchors []Anchor
}

// ListAnchorFiles reads a folder of anchors file by file, by the rules of [LoadAnchors]; one without any is no error.
func ListAnchorFiles(folder fs.FS) ([]AnchorFile, error) {
	realms := []struct {
		folder string
		realm  Realm
	}{{"official", Official}, {"public", Public}, {"test", Test}, {".", Public}}
	var files []AnchorFile
	for _, each := range realms {
		found, err := loadRealm(folder, each.folder, each.realm)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

func loadRealm(folder fs.FS, name string, realm Realm) ([]AnchorFile, error) {
	entries, err := fs.ReadDir(folder, name)
	if errors.Is(err, fs.ErrNotExist) && name != "." {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []AnchorFile
	for _, entry := range entries {
		if entry.IsDir() || !isCertificateFile(entry.Name()) {
			continue
		}
		file := path.Join(name, entry.Name())
		found, err := loadFile(folder, file, realm)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		files = append(files, AnchorFile{file, found})
	}
	return files, nil
}

func isCertificateFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".pem", ".crt", ".cer", ".der", ".p7b", ".p7c":
		return !strings.HasPrefix(name, ".")
	default:
		return false
	}
}

func loadFile(folder fs.FS, name string, realm Realm) ([]Anchor, error) {
	data, err := readCapped(folder, name)
	if err != nil {
		return nil, err
	}
	certificates, err := ParseCertificates(data)
	if err != nil {
		return nil, err
	}
	window, err := loadWindow(folder, name+windowSuffix)
	if err != nil {
		return nil, err
	}
	anchors := make([]Anchor, 0, len(certificates))
	for _, certificate := range certificates {
		anchors = append(anchors, Anchor{certificate, realm, window.from, window.until})
	}
	return anchors, nil
}

func readCapped(folder fs.FS, name string) ([]byte, error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(file, maxAnchorFile+1))
	if err == nil && len(data) > maxAnchorFile {
		err = fmt.Errorf("%w: larger than %d bytes", ErrUnreadable, maxAnchorFile)
	}
	return data, err
}

// ParseCertificates reads the certificates of a file, whichever it is: PEM (also with a PKCS#7 bundle in it), DER one
// after the other, or a PKCS#7 bundle. The errors are ErrNoCertificate and ErrUnreadable.
func ParseCertificates(data []byte) ([]*x509.Certificate, error) {
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return parsePEMCertificates(data)
	}
	certificates, err := x509.ParseCertificates(data)
	if err == nil && len(certificates) > 0 {
		return certificates, nil
	}
	bundle, bundleErr := cms.ParseCertificateBundle(data)
	switch {
	case bundleErr == nil && len(bundle) > 0:
		return bundle, nil
	case err != nil:
		return nil, unreadable(err)
	default:
		return nil, ErrNoCertificate
	}
}

func parsePEMCertificates(data []byte) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		var found []*x509.Certificate
		var err error
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE":
			found, err = x509.ParseCertificates(block.Bytes)
		case "PKCS7", "CMS":
			found, err = cms.ParseCertificateBundle(block.Bytes)
		}
		if err != nil {
			return nil, unreadable(err)
		}
		certificates = append(certificates, found...)
	}
	if len(certificates) == 0 {
		return nil, ErrNoCertificate
	}
	return certificates, nil
}

type window struct{ from, until time.Time }

func loadWindow(folder fs.FS, name string) (window, error) {
	data, err := readCapped(folder, name)
	if errors.Is(err, fs.ErrNotExist) {
		return window{}, nil
	}
	if err != nil {
		return window{}, err
	}
	from, until, ok := strings.Cut(strings.TrimSpace(string(data)), "/")
	if !ok {
		return window{}, fmt.Errorf("%s: %w: not an interval", name, ErrUnreadable)
	}
	var found window
	if found.from, err = parseBound(from); err != nil {
		return window{}, fmt.Errorf("%s: %w", name, unreadable(err))
	}
	if found.until, err = parseBound(until); err != nil {
		return window{}, fmt.Errorf("%s: %w", name, unreadable(err))
	}
	return found, nil
}

func parseBound(text string) (time.Time, error) {
	if text == ".." {
		return time.Time{}, nil
	}
	moment, err := time.Parse(time.RFC3339, text)
	return moment.UTC(), err
}
