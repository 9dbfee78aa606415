package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"congvan/exchange"
	"congvan/exchange/roll"
)

// directoryEvery is how often the neighbours are asked for what is new in the directory's log.
const directoryEvery = 5 * time.Minute

// closeEvery is how often the books of offices that have ended are looked for.
const closeEvery = time.Hour

// directory is the directory as it stands now.
func (n *node) directory() *exchange.Directory { return n.roll.Directory() }

// openRoll opens the directory: the file, and the signed log where one is pinned.
func (n *node) openRoll(ctx context.Context, line roll.Line) error {
	data, err := os.ReadFile(n.config.Directory)
	if err != nil {
		return err
	}
	file, err := exchange.ReadDirectoryFile(data)
	if err != nil {
		return failure(exchange.Invalid, "directory.invalid", n.config.Directory, err)
	}
	n.roll = &roll.Roll{Gateway: n.gateway, File: file, Line: line, Replace: n.replaceDirectory}
	if pinned := n.config.DirectoryLog; pinned != nil {
		root, err := readCertificate(pinned.Root)
		if err != nil {
			return err
		}
		n.roll.Anchor = &roll.Anchor{Log: pinned.Name, Keeper: pinned.Keeper, Root: root}
	}
	if err := n.roll.Open(ctx); err != nil {
		return failure(exchange.KindOf(err), exchange.CodeOf(err), n.config.Directory, err)
	}
	return nil
}

// replaceDirectory writes the approved directory over the file, whole or not at all; the old one stays beside it.
func (n *node) replaceDirectory(file exchange.DirectoryFile) error {
	data, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return fmt.Errorf("encode the directory: %w", err)
	}
	old, err := os.ReadFile(n.config.Directory)
	if err != nil {
		return err
	}
	if err := replaceFile(n.config.Directory+".old", old); err != nil {
		return err
	}
	return replaceFile(n.config.Directory, append(data, '\n'))
}

// replaceFile writes a new file beside the old one, makes it durable, and puts it in its place.
func replaceFile(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".directory-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	if _, err = file.Write(data); err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

func readCertificate(path string) (*x509.Certificate, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, failure(exchange.Invalid, "config.invalid", path, nil)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, failure(exchange.Invalid, "config.invalid", path, err)
	}
	return certificate, nil
}
