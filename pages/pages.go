// Package pages answers: what does a page of this PDF look like, and which words stand where on it?
//
// It runs PDFium as WebAssembly: no native code, an empty file system, a memory limit, one fresh instance for each job.
// It knows nothing of signatures: an image says what a reader would see, never whether it is genuine.
package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
)

// The errors of a file that cannot be shown. Whatever else goes wrong is ours.
var (
	ErrUnreadable = errors.New("pages: PDFium cannot open the file")
	ErrNoPage     = errors.New("pages: there is no such page")
	ErrTooCostly  = errors.New("pages: the page takes too long")
)

const (
	memoryPages = 4096             // of 64 KiB each: 256 MiB for one job
	jobTime     = 20 * time.Second // for one page, and as long to wait for a place
	// MaxPixels is the largest image that is drawn, in pixels.
	MaxPixels = 40_000_000
)

// Renderer draws pages and reads their words. It is safe for several goroutines; at most its width of jobs run at once.
// PDFium is started by the first job, so that a gateway whose pages nobody looks at does not carry it.
type Renderer struct {
	warm, cold chan *engine // those that wait for a job; who was started is taken first
	cacheDir   string
	mutex      sync.Mutex
	// cache and the pools of the engines are guarded by mutex; nil until the first job and after Close.
	cache   wazero.CompilationCache
	engines []*engine
}

// engine is PDFium, for one job at a time: two instances of one pool share what the WebAssembly runtime finds out while
// they run, and it does not guard that. The compiled code is shared by all engines.
type engine struct{ pool pdfium.Pool }

// New gives a renderer for width jobs at once. cacheDir keeps the compiled module between runs, which makes the start
// thirty times faster; empty: nothing is kept. The caller closes the renderer.
func New(width int, cacheDir string) *Renderer {
	r := &Renderer{warm: make(chan *engine, width), cold: make(chan *engine, width), cacheDir: cacheDir}
	for range width {
		waiting := &engine{}
		r.engines = append(r.engines, waiting)
		r.cold <- waiting
	}
	return r
}

// started gives the pool of an engine, which it starts when it has none.
func (r *Renderer) started(e *engine) (pdfium.Pool, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if e.pool != nil {
		return e.pool, nil
	}
	if r.cache == nil {
		cache := wazero.NewCompilationCache()
		if r.cacheDir != "" {
			var err error
			if cache, err = wazero.NewCompilationCacheWithDir(r.cacheDir); err != nil {
				return nil, fmt.Errorf("open the page renderer's cache: %w", err)
			}
		}
		r.cache = cache
	}
	pool, err := webassembly.Init(webassembly.Config{
		MaxIdle:  1,
		MaxTotal: 1,
		// The library's default mounts the whole root file system into the sandbox.
		FSConfig:      wazero.NewFSConfig(),
		RuntimeConfig: wazero.NewRuntimeConfig().WithMemoryLimitPages(memoryPages).WithCompilationCache(r.cache),
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	if err != nil {
		return nil, fmt.Errorf("start the page renderer: %w", err)
	}
	e.pool = pool
	return pool, nil
}

// Close ends the renderer; jobs under way end with an error.
func (r *Renderer) Close() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var faults []error
	for _, each := range r.engines {
		if each.pool != nil {
			faults = append(faults, each.pool.Close())
			each.pool = nil
		}
	}
	if r.cache != nil {
		faults = append(faults, r.cache.Close(context.Background()))
		r.cache = nil
	}
	return errors.Join(faults...)
}

// Count gives the number of pages.
func (r *Renderer) Count(ctx context.Context, file io.ReaderAt, size int64) (int, error) {
	count := 0
	err := r.open(ctx, file, size, func(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT) error {
		answer, err := doc.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: ref})
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		count = answer.PageCount
		return nil
	})
	return count, err
}

// PNG draws a page, form fields and signature boxes included. page counts from 1; dpi is dots per inch.
func (r *Renderer) PNG(ctx context.Context, file io.ReaderAt, size int64, page, dpi int) ([]byte, error) {
	picture, err := r.Image(ctx, file, size, page, dpi)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("encode page image: %w", err)
	}
	return out.Bytes(), nil
}

// Image draws a page as PNG does, for callers that go on working with it.
func (r *Renderer) Image(ctx context.Context, file io.ReaderAt, size int64, page, dpi int) (image.Image, error) {
	var picture image.Image
	err := r.open(ctx, file, size, func(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT) error {
		if err := bounded(doc, ref, page, dpi); err != nil {
			return err
		}
		answer, err := doc.RenderPageInDPI(&requests.RenderPageInDPI{
			Page: at(ref, page), DPI: dpi, RenderForm: true, Document: &ref,
		})
		if err != nil {
			return fmt.Errorf("%w: draw page %d: %w", ErrUnreadable, page, err)
		}
		defer answer.Cleanup()
		// The picture lives in the instance's memory, which ends with the job.
		shared := answer.Result.Image
		picture = &image.RGBA{Pix: bytes.Clone(shared.Pix), Stride: shared.Stride, Rect: shared.Rect}
		return nil
	})
	return picture, err
}

func at(ref references.FPDF_DOCUMENT, page int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: ref, Index: page - 1}}
}

// bounded refuses pages that are not there and pictures that would not fit.
func bounded(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT, page, dpi int) error {
	count, err := doc.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: ref})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if page < 1 || page > count.PageCount {
		return fmt.Errorf("%w: %d of %d", ErrNoPage, page, count.PageCount)
	}
	size, err := doc.GetPageSize(&requests.GetPageSize{Page: at(ref, page)})
	if err != nil {
		return fmt.Errorf("%w: measure page %d: %w", ErrUnreadable, page, err)
	}
	if size.Width*size.Height*float64(dpi*dpi)/(72*72) > MaxPixels {
		return fmt.Errorf("%w: page %d is %.0f by %.0f points", ErrTooCostly, page, size.Width, size.Height)
	}
	return nil
}

// open runs job on the opened file in a fresh instance. A job that does not end in time is answered with ErrTooCostly
// and keeps its engine until it does end. The start of PDFium is not the file's fault and not counted.
func (r *Renderer) open(ctx context.Context, file io.ReaderAt, size int64,
	job func(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT) error,
) error {
	free, err := r.take(ctx)
	if err != nil {
		return err
	}
	pool, err := r.started(free)
	if err != nil {
		r.cold <- free
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, jobTime, ErrTooCostly)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() { r.warm <- free }()
		done <- run(ctx, pool, io.NewSectionReader(file, 0, size), job)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// take waits for an engine.
func (r *Renderer) take(ctx context.Context) (*engine, error) {
	select {
	case free := <-r.warm:
		return free, nil
	default:
	}
	ctx, cancel := context.WithTimeoutCause(ctx, jobTime, ErrTooCostly)
	defer cancel()
	select {
	case free := <-r.warm:
		return free, nil
	case free := <-r.cold:
		return free, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func run(ctx context.Context, pool pdfium.Pool, file *io.SectionReader,
	job func(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT) error,
) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", ErrUnreadable, fault) // a trap inside the sandbox
		}
	}()
	instance, err := pool.GetInstanceWithContext(ctx)
	if err != nil {
		return fmt.Errorf("get a page renderer: %w", err)
	}
	defer func() { err = errors.Join(err, instance.Close()) }()
	doc, err := instance.OpenDocument(&requests.OpenDocument{
		FileReader: file, FileReaderSize: file.Size(),
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return job(instance, doc.Document)
}
