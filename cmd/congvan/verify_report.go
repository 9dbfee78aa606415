package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"

	"congvan/api"
	"congvan/exchange"
	"congvan/pages"
	"congvan/signing"
)

// writeReport puts the judgement of a file on paper, with pictures of what changed after signing, and signs it when a
// key is given.
func (c *verifyCommand) writeReport(ctx context.Context, p program, path string, report signing.Report) (err error) {
	if c.Report == "" {
		return nil
	}
	report.File = filepath.Base(report.File) // where it lies on this machine is nobody's business
	paper := api.Paper{Report: report, Verdict: report.Verdict, Version: version(), Lang: p.say.lang}
	if paper.Pictures, err = compareFile(ctx, path, report); err != nil {
		return err
	}
	order := signing.Order{Level: signing.LevelB, At: exchange.InVietnam(p.now())}
	if c.Key != "" {
		if order.Identity, err = p.openKey(ctx, c.Key, c.Secret); err != nil {
			return err
		}
		if token, ok := order.Identity.Signer.(io.Closer); ok {
			defer done(token)
		}
		paper.Signer = order.Identity.Certificate.Subject.CommonName
	}
	drawn, err := paper.Draw()
	if err != nil {
		return err
	}
	original := bytes.NewReader(drawn)
	if c.Key == "" {
		return writeWhole(c.Report, original)
	}
	signed, err := signing.SignPDF(ctx, original, original.Size(), order)
	if err != nil {
		return notSigned(c.Report, err)
	}
	return writeWhole(c.Report, signed.Reader(original, original.Size()))
}

// compareFile draws what changed after signing; a file that can be read only once has no pictures.
func compareFile(ctx context.Context, path string, report signing.Report) (api.Pictures, error) {
	if path == "-" || !api.Pictured(report) {
		return api.Pictures{Signature: -1}, nil
	}
	file, _, err := openInput(path)
	if err != nil {
		return api.Pictures{}, fmt.Errorf("compare revisions: %w", err)
	}
	defer done(file)
	renderer := pages.New(1, pageCache("")) // without a folder, starting takes some seconds more
	defer done(renderer)
	return api.Compare(ctx, renderer, file, report, 0)
}
