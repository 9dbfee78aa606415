package api

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// contentOutput is the bytes of a file.
type contentOutput struct {
	Body func(huma.Context)
}

// content answers with the bytes of a file and closes it. The bytes are foreign: a browser must save them and may not
// show or run them under our name.
func (s *Server) content(file exchange.File, blob exchange.Blob) *contentOutput {
	return &contentOutput{Body: func(ctx huma.Context) {
		defer blob.Close()
		s.ServeFile(humagin.Unwrap(ctx), file, blob)
	}}
}

// ServeFile answers with the bytes of a file, or the range of them that is asked for (RFC 9110, 14), as something to be
// saved. It does not close the blob. A client that does not take the bytes is cut off.
func (s *Server) ServeFile(c *gin.Context, file exchange.File, blob exchange.Blob) {
	header := c.Writer.Header()
	header.Set("Content-Type", safeType(file.MediaType))
	header.Set("Content-Disposition", Disposition(file.Name))
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", `"`+string(file.Digest)+`"`)
	if digest, err := hex.DecodeString(string(file.Digest)); err == nil {
		header.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest)+":")
	}
	control := http.NewResponseController(c.Writer)
	pace := newPace(s.limits.Pace, func() { _ = control.SetWriteDeadline(past()) })
	defer pace.stop()
	out := &pacedWriter{ResponseWriter: c.Writer, pace: pace, unsatisfiable: func() {
		s.refuse(c, exchange.Errorf(exchange.Invalid, codeRangeInvalid, "of %d bytes", blob.Size()))
	}}
	http.ServeContent(out, c.Request, "", time.Time{}, io.NewSectionReader(blob, 0, blob.Size()))
	if pace.cut.Load() {
		callOf(c.Request.Context()).cause = exchange.Errorf(exchange.Unavailable, codeRequestTooSlow,
			"the client took %d of %d bytes", c.Writer.Size(), blob.Size())
	}
}

// pacedWriter keeps the pace of an answer in view, and answers for ranges that do not exist in our own words.
type pacedWriter struct {
	http.ResponseWriter
	pace          *pace
	unsatisfiable func()
	refused       bool
}

// WriteHeader begins the answer.
func (w *pacedWriter) WriteHeader(status int) {
	if status == http.StatusRequestedRangeNotSatisfiable {
		w.refused = true
		w.Header().Del("Content-Disposition")
		w.unsatisfiable()
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write goes on with it.
func (w *pacedWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	w.pace.waiting.Store(true)
	n, err := w.ResponseWriter.Write(p)
	w.pace.waiting.Store(false)
	w.pace.bytes.Add(int64(n))
	return n, err
}

// safeType gives the media type as it was found in the bytes, when a browser does nothing with it but save it.
func safeType(mediaType string) string {
	switch mediaType {
	case "application/pdf", "application/zip", "image/png", "image/jpeg":
		return mediaType
	default:
		return "application/octet-stream"
	}
}

// Disposition makes the header that has a browser save a file under a name (RFC 6266, RFC 8187). Whatever the name was,
// it becomes one plain file name: no folders, no control or bidirectional characters, no quotes.
func Disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '/', r == '\\', r == ':', r == unicode.ReplacementChar:
			return '_'
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(name, "_"))
	plain = strings.Trim(plain, ". ")
	if plain == "" {
		plain = "file"
	}
	var ascii, extended strings.Builder
	for _, r := range plain {
		if r < ' ' || r > '~' || strings.ContainsRune(`"%;`, r) {
			r = '_'
		}
		ascii.WriteRune(r)
	}
	for _, b := range []byte(plain) {
		if isAttrChar(b) {
			extended.WriteByte(b)
		} else {
			fmt.Fprintf(&extended, "%%%02X", b)
		}
	}
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, ascii.String(), extended.String())
}

// isAttrChar is attr-char of RFC 8187, 3.2.1.
func isAttrChar(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' ||
		strings.IndexByte("!#$&+-.^_`|~", b) >= 0
}
