package api

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"

	"congvan/exchange"
)

// addReports are the judgements for people: on paper, and in pictures.
func (s *Server) addReports(file int64) {
	add(s, route{"printArrival", http.MethodGet, "/inbox/{id}/report.pdf", exchange.ActRead, 200, 0}, s.printArrival)
	add(s, route{"printDocument", http.MethodGet, "/documents/{id}/report.pdf", exchange.ActRead, 200, 0}, s.printDocument)
	add(s, route{"printFile", http.MethodPost, "/verify/report.pdf", exchange.ActVerify, 200, file}, s.printFile)
	add(s, route{"listChanges", http.MethodGet, "/inbox/{id}/changes", exchange.ActRead, 200, 0}, s.listChanges)
	add(s, route{"drawChange", http.MethodGet, "/inbox/{id}/changes/{page}", exchange.ActRead, 200, 0}, s.drawChange)
}

// printed is a report on paper or a picture.
type printed struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func paperOutput(paper []byte, err error) (*printed, error) {
	if err != nil {
		return nil, err
	}
	return &printed{"application/pdf", Disposition(PaperName), paper}, nil
}

// PaperName is what a report is called when it is saved.
const PaperName = "phieu-kiem-tra.pdf"

func (s *Server) printArrival(ctx context.Context, actor exchange.Actor, in *arrivalInput) (*printed, error) {
	return paperOutput(s.config.Reports.Arrival(ctx, actor, in.ID, LanguageOf(ctx)))
}

func (s *Server) printDocument(ctx context.Context, actor exchange.Actor, in *documentInput) (*printed, error) {
	return paperOutput(s.config.Reports.Document(ctx, actor, in.ID, LanguageOf(ctx)))
}

func (s *Server) printFile(ctx context.Context, actor exchange.Actor, in *verifyInput) (*printed, error) {
	spool, release, err := s.taken(actor, in)
	if err != nil {
		return nil, err
	}
	defer release()
	defer spool.Close()
	report, err := s.reading().Verify(ctx, actor, spool, spool.Size())
	if err != nil {
		return nil, err
	}
	report.File = in.name
	judged := Judged{Report: report, Verdict: report.Verdict, About: in.name}
	return paperOutput(s.config.Reports.Paper(ctx, actor, spool, judged, LanguageOf(ctx)))
}

// Changes are the pages of an arrival that look different from what was signed.
type Changes struct {
	Signature int           `json:"signature" doc:"Index in the report of the one whose revision was compared; -1: none"`
	Signer    string        `json:"signer" doc:"Of that signature"`
	Compared  int           `json:"compared" doc:"How many pages, from the first on"`
	Whole     bool          `json:"whole" doc:"Whether these were all pages"`
	Lost      bool          `json:"lost" doc:"The signed bytes themselves were changed: these are pages as they are"`
	Pages     []ChangedPage `json:"pages"`
	Summary   string        `json:"summary" doc:"In the language asked for"`
}

// ChangedPage is one of them.
type ChangedPage struct {
	Page  int    `json:"page" doc:"Counts from 1"`
	Areas []Area `json:"areas" doc:"What differs; empty when only one revision has the page"`
}

// Area is a rectangle on a page, in pixels at 96 to the inch, from the upper left corner.
type Area struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

type changesOutput struct{ Body Changes }

type changeInput struct {
	ID       exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
	Page     int                `path:"page" minimum:"1" maximum:"100000" doc:"Counts from 1"`
	Revision string             `query:"revision" enum:"signed,current" default:"current" doc:"Which of the two to draw"`
}

func (s *Server) listChanges(ctx context.Context, actor exchange.Actor, in *arrivalInput) (*changesOutput, error) {
	found, err := s.config.Reports.ArrivalPictures(ctx, actor, in.ID, 0)
	if err != nil {
		return nil, err
	}
	changes := Changes{
		Signature: found.Signature, Signer: found.Signer, Compared: found.Pages, Whole: found.Whole, Lost: found.Lost,
		Pages: []ChangedPage{}, Summary: found.Summary(LanguageOf(ctx)),
	}
	for _, difference := range found.Changed {
		page := ChangedPage{Page: difference.Page, Areas: []Area{}}
		for _, area := range difference.Areas {
			page.Areas = append(page.Areas, Area{area.Min.X, area.Min.Y, area.Dx(), area.Dy()})
		}
		changes.Pages = append(changes.Pages, page)
	}
	return &changesOutput{changes}, nil
}

// drawChange answers with the image of one changed page, its changed areas boxed.
func (s *Server) drawChange(ctx context.Context, actor exchange.Actor, in *changeInput) (*printed, error) {
	found, err := s.config.Reports.ArrivalPictures(ctx, actor, in.ID, in.Page)
	if err != nil {
		return nil, err
	}
	var picture image.Image
	if len(found.Changed) > 0 {
		before, after := found.Changed[0].Marked()
		if picture = after; in.Revision == "signed" {
			picture = before
		}
	}
	if picture == nil {
		return nil, exchange.Errorf(exchange.NotFound, "page.not_found", "page %d does not differ", in.Page)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, picture); err != nil {
		return nil, err
	}
	return &printed{"image/png", "inline", out.Bytes()}, nil
}
