package main

import (
	"io"

	"github.com/schollz/progressbar/v3"

	"congvan/signing"
)

// manyFiles is from how many files on progress is shown.
const manyFiles = 3

// progress is a line on a terminal that says how many files were judged and how long the rest will take; elsewhere, and
// for few files, it says nothing. The answers go to standard output and are not touched by it.
func (*verifyCommand) progress(p program, files int) *progressbar.ProgressBar {
	out := io.Discard
	if p.terminal && files >= manyFiles {
		out = p.err
	}
	return progressbar.NewOptions(files, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionSetDescription(p.say.word("judging")),
		progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish())
}

// inOrder judges files, up to width at once, and tells of each in the order in which they were named. When telling
// fails, it lets what is under way end, tells no more, and gives that error.
func inOrder(
	width int, files []string, judge func(path string) (signing.Report, error),
	tell func(path string, report signing.Report, err error) error,
) error {
	type answer struct {
		path   string
		report signing.Report
		err    error
	}
	queue, stop := make(chan chan answer, max(width-1, 0)), make(chan struct{})
	go func() {
		defer close(queue)
		for _, path := range files {
			place := make(chan answer, 1)
			select {
			case queue <- place:
			case <-stop:
				return
			}
			go func() {
				report, err := judge(path)
				place <- answer{path, report, err}
			}()
		}
	}()
	var failed error
	for place := range queue {
		got := <-place
		if failed != nil {
			continue
		}
		if failed = tell(got.path, got.report, got.err); failed != nil {
			close(stop)
		}
	}
	return failed
}
