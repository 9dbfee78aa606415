package web

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/roll"
)

// maxDirectory is the most bytes of a directory that is compared on the screen, where it goes to the browser and back;
// larger ones are brought by the command.
const maxDirectory = 16 << 20

// mostDifferences is how many differences are shown; all of them are approved together or not at all.
const mostDifferences = 500

// directoryView is how the directory stands, and what a file would change in it.
type directoryView struct {
	Problem, Done string
	Source        string
	Warnings      []string
	Search        string
	Found         []foundView
	Review        *reviewView
	Signed        bool // only records of an authority change it
}

type foundView struct{ Name, ID, Codes, Ended, Heirs string }

type reviewView struct {
	Differences []differenceView
	Count       int
	More        int // that are not shown
	LeftOut     int
	Digest      exchange.Digest
	File        string // the file, to be sent again with the approval
}

type differenceView struct{ Kind, Name, ID, Before, After string }

func (s *Screens) directory(c *gin.Context) { s.showDirectory(c, http.StatusOK, directoryView{}) }

func (s *Screens) showDirectory(c *gin.Context, status int, view directoryView) {
	if err := actor(c).May(exchange.ActManage); err != nil {
		s.fail(c, err)
		return
	}
	standing := s.config.Roll.Standing()
	view.Signed = standing.Log != ""
	if view.Signed {
		view.Source = word(lang(c), "directory_log") + ": " + standing.Log + ", " + strconv.FormatInt(standing.Size, 10)
	}
	for _, code := range standing.Warnings {
		view.Warnings = append(view.Warnings, api.Sentence(code, lang(c)))
	}
	if view.Search = c.Query("q"); view.Search != "" {
		view.Found = s.find(view.Search)
	}
	s.show(c, status, "directory", "directory", view)
}

// find looks up offices by old or new names and codes.
func (s *Screens) find(search string) []foundView {
	directory, today := s.config.Gateway.Directory(), exchange.Today(s.config.Gateway.Now())
	var views []foundView
	for _, office := range directory.Offices(search, rowsOfPage) {
		view := foundView{Name: office.NameOn(today), ID: string(office.ID)}
		var codes []string
		for _, code := range office.Codes {
			codes = append(codes, code.Code)
		}
		view.Codes = strings.Join(codes, ", ")
		if office.Exists.To != "" && office.Exists.To < today {
			view.Ended, view.Heirs = string(office.Exists.To), s.named(directory.Living(office.ID, today))
		}
		views = append(views, view)
	}
	return views
}

// compareDirectory shows what a file would change; nothing is changed.
func (s *Screens) compareDirectory(c *gin.Context) {
	data, file, err := directoryFile(c)
	if err != nil {
		s.directoryProblem(c, err)
		return
	}
	review, err := s.config.Roll.Review(file)
	if err != nil {
		s.directoryProblem(c, err)
		return
	}
	s.showDirectory(c, http.StatusOK, directoryView{Review: reviewOf(lang(c), review, data)})
}

// approveDirectory brings the file in, when the difference is the one that was shown.
func (s *Screens) approveDirectory(c *gin.Context) {
	_, file, err := directoryFile(c)
	if err == nil {
		_, err = s.config.Roll.Approve(c.Request.Context(), actor(c), file, exchange.Digest(c.PostForm("digest")))
	}
	if err != nil {
		s.directoryProblem(c, err)
		return
	}
	s.showDirectory(c, http.StatusOK, directoryView{Done: word(lang(c), "directory_done")})
}

func (s *Screens) directoryProblem(c *gin.Context, err error) {
	problem := api.NewProblem(err, lang(c))
	s.showDirectory(c, problem.Status, directoryView{Problem: problem.Detail})
}

// directoryFile reads the file that was chosen, or comes back with the approval.
func directoryFile(c *gin.Context) ([]byte, exchange.DirectoryFile, error) {
	if err := actor(c).May(exchange.ActManage); err != nil {
		return nil, exchange.DirectoryFile{}, err
	}
	if err := api.AllowBody(c.Request, maxDirectory+formOverhead); err != nil {
		return nil, exchange.DirectoryFile{}, err
	}
	data := []byte(c.PostForm("content"))
	if len(data) == 0 {
		file, _, err := c.Request.FormFile("file")
		if err != nil {
			return nil, exchange.DirectoryFile{}, exchange.Errorf(exchange.Invalid, "request.invalid", "read the form: %w", err)
		}
		defer file.Close()
		if data, err = io.ReadAll(io.LimitReader(file, maxDirectory)); err != nil {
			return nil, exchange.DirectoryFile{}, exchange.Errorf(exchange.Invalid, "request.invalid", "read the file: %w", err)
		}
	}
	file, err := exchange.ReadDirectoryFile(data)
	return data, file, err
}

func reviewOf(lang api.Lang, review roll.Review, data []byte) *reviewView {
	view := &reviewView{
		Count: len(review.Differences), LeftOut: review.LeftOut, Digest: review.Digest, File: string(data),
	}
	for i, difference := range review.Differences {
		if i == mostDifferences {
			view.More = len(review.Differences) - i
			break
		}
		view.Differences = append(view.Differences, differenceView{
			Kind: word(lang, "differs_"+difference.Kind), Name: difference.Name,
			ID: string(difference.Office) + string(difference.Node), Before: difference.Before, After: difference.After,
		})
	}
	return view
}
