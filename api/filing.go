package api

import (
	"context"
	"time"

	"congvan/archive"
	"congvan/exchange"
)

// Filing says where a document belongs in the archive and how long it is kept.
type Filing struct {
	Dossier   string            `json:"dossier" maxLength:"50" doc:"Mã hồ sơ"`
	Retention archive.Retention `json:"retention" doc:"Thời hạn lưu trữ: 01 vĩnh viễn ... 06 10 năm"`
}

// Filed is what the archive took over.
type Filed struct {
	Filing
	At       time.Time       `json:"at" doc:"UTC"`
	Evidence exchange.Digest `json:"evidence" doc:"The SHA-256 of the file that holds the evidence"`
}

type fileArrivalInput struct {
	ID   exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
	Body Filing
}

type fileDocumentInput struct {
	ID   exchange.DocumentID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Body Filing
}

type filedOutput struct{ Body Filed }

func (s *Server) fileArrival(
	ctx context.Context, actor exchange.Actor, in *fileArrivalInput,
) (*filedOutput, error) {
	return filed(s.config.Archive.Take(ctx, actor, in.ID, archive.Filing(in.Body)))
}

func (s *Server) fileDocument(
	ctx context.Context, actor exchange.Actor, in *fileDocumentInput,
) (*filedOutput, error) {
	return filed(s.config.Archive.TakeDocument(ctx, actor, in.ID, archive.Filing(in.Body)))
}

func filed(taken archive.Filed, err error) (*filedOutput, error) {
	if err != nil {
		return nil, err
	}
	return &filedOutput{Filed{Filing: Filing(taken.Filing), At: taken.At, Evidence: taken.Evidence}}, nil
}
