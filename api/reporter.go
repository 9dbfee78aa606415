package api

import (
	"cmp"
	"context"
	"io"

	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/reading"
	"congvan/pages"
	"congvan/signing"
)

// Reports are what a [Reporter] is made of.
type Reports struct {
	Gateway *exchange.Gateway
	Pages   *pages.Renderer // nil: reports have no pictures
	Version string          // of the program, as the paper names it
	Address string          // under which everybody reaches this gateway, such as https://van-ban.example.vn
}

// Reporter puts judgements on paper, signed by the gateway, with an address where the paper can be checked.
type Reporter struct {
	Reports

	busy *places[exchange.OfficeID]
}

// drawnAtOnce is how many papers and comparisons are drawn at the same moment; half of them for one office.
const drawnAtOnce = 4

// NewReporter makes a reporter.
func NewReporter(reports Reports) *Reporter {
	return &Reporter{Reports: reports, busy: newPlaces[exchange.OfficeID](drawnAtOnce, drawnAtOnce/2)}
}

// Judged is a file that was judged, and what of.
type Judged struct {
	Report   signing.Report
	Verdict  signing.Verdict // the report's own, or what the law makes of it
	Findings []string
	Rules    []exchange.RuleCheck // of law, on the signatures together
	About    string               // number and subject of the document, or the name of the file
	Document exchange.DocumentID  // empty for a file that is none of ours
}

// Arrival puts the recorded judgement of an arrival on paper. Errors: those of [reading.Desk.Arrival]; Unavailable
// arrival.not_judged while there is none.
func (r *Reporter) Arrival(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, lang Lang,
) ([]byte, error) {
	blob, judged, err := r.openArrival(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	return r.Paper(ctx, actor, blob, judged, lang)
}

// ArrivalPictures draws what changed in an arrival after signing; see [Compare]. With a page, only that one is
// compared.
func (r *Reporter) ArrivalPictures(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, page int,
) (Pictures, error) {
	blob, judged, err := r.openArrival(ctx, actor, id)
	if err != nil {
		return Pictures{}, err
	}
	defer blob.Close()
	return r.Pictures(ctx, actor, blob, judged.Report, page)
}

func (r *Reporter) reading() reading.Desk { return reading.Desk{Gateway: r.Gateway} }

func (r *Reporter) openArrival(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID,
) (exchange.Blob, Judged, error) {
	arrival, err := r.reading().Arrival(ctx, actor, id)
	if err != nil {
		return nil, Judged{}, err
	}
	if arrival.Judgement == nil {
		return nil, Judged{}, exchange.Errorf(exchange.Unavailable, codeNotJudged, "%s was not judged yet", id)
	}
	report, err := arrival.Judgement.Examined()
	if err != nil {
		return nil, Judged{}, err
	}
	header := arrival.Header
	report.File = cmp.Or(report.File, header.Main.Name)
	blob, _, err := r.reading().OpenArrivalFile(ctx, actor, id, "")
	return blob, Judged{
		Report: report, Verdict: signing.Verdict(arrival.Judgement.Verdict), Findings: arrival.Judgement.Findings(),
		Rules:    arrival.Judgement.Rules(),
		About:    joined(" · ", header.Numbering.String(), header.Subject, header.FromName),
		Document: arrival.Document,
	}, err
}

// Document judges a document of the actor's office as it stands now, and puts that on paper.
func (r *Reporter) Document(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, lang Lang,
) ([]byte, error) {
	document, err := r.reading().Document(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	blob, file, err := r.reading().OpenDocumentFile(ctx, actor, id, "")
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	report, err := r.reading().Verify(ctx, actor, blob, blob.Size())
	if err != nil {
		return nil, err
	}
	report.File = file.Name
	return r.Paper(ctx, actor, blob, Judged{
		Report: report, Verdict: report.Verdict, Document: id,
		About: joined(" · ", document.Numbering.String(), document.Subject),
	}, lang)
}

// Pictures draws what changed after signing. With a page, only that one is compared.
func (r *Reporter) Pictures(
	ctx context.Context, actor exchange.Actor, file io.ReaderAt, report signing.Report, page int,
) (Pictures, error) {
	if !Pictured(report) {
		return Pictures{Signature: -1}, nil
	}
	release, err := r.busy.take(actor.Office)
	if err != nil {
		return Pictures{}, err
	}
	defer release()
	return Compare(ctx, r.Pages, file, report, page)
}

// Paper puts a judgement on paper, signed. That it was made is in the log.
func (r *Reporter) Paper(
	ctx context.Context, actor exchange.Actor, file io.ReaderAt, judged Judged, lang Lang,
) ([]byte, error) {
	pictures, err := r.Pictures(ctx, actor, file, judged.Report, 0)
	if err != nil {
		return nil, err
	}
	address, err := r.attested(ctx, actor, judged)
	if err != nil {
		return nil, err
	}
	drawn, err := Paper{
		Report: judged.Report, Verdict: judged.Verdict, Findings: judged.Findings, Rules: judged.Rules, About: judged.About,
		Pictures: pictures, Address: address, Version: r.Version, Lang: lang,
		Signer: r.Gateway.Identity.Certificate.Subject.CommonName,
	}.Draw()
	if err != nil {
		return nil, err
	}
	return r.notary().SignPaper(ctx, drawn)
}

// CheckPath is where the screens have the public page on which a report can be checked; the attestation follows.
const CheckPath = "/check/"

func (r *Reporter) notary() *evidence.Notary { return &evidence.Notary{Gateway: r.Gateway} }

// attested gives the address for the QR code.
func (r *Reporter) attested(ctx context.Context, actor exchange.Actor, judged Judged) (string, error) {
	text, err := r.notary().Attest(ctx, actor, evidence.Attestation{
		Digest: exchange.Digest(judged.Report.SHA256), Verdict: judged.Verdict,
		Modified: WorstModification(judged.Report), JudgedAt: judged.Report.JudgedAt,
	}, judged.Document)
	if err != nil {
		return "", err
	}
	return r.Address + CheckPath + text, nil
}
