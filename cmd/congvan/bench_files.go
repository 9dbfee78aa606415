package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// onePage is the size that stands for a document of one page without anything else in it.
const onePage = "page"

var sizePattern = regexp.MustCompile(`^([1-9][0-9]{0,3})(KB|MB|GB)$`)

// sizeOf reads a size such as 100MB, in bytes; 0 is one page alone.
func sizeOf(text string) (int64, error) {
	if text == onePage {
		return 0, nil
	}
	parts := sizePattern.FindStringSubmatch(text)
	if parts == nil {
		return 0, usageError(fmt.Errorf("--sizes %q is not page or such as 100MB", text))
	}
	count, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0, usageError(err)
	}
	return count << map[string]int{"KB": 10, "MB": 20, "GB": 30}[parts[2]], nil
}

// paper is what stands before and after the stuffing of a document of one page with so many bytes of stuffing.
func paper(stuffing int64) (first, last string) {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R/Stuffing 4 0 R>>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
	}
	var head, table strings.Builder
	head.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	fmt.Fprintf(&table, "xref\n0 5\n0000000000 65535 f\r\n")
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n\r\n", head.Len())
		fmt.Fprintf(&head, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	fmt.Fprintf(&table, "%010d 00000 n\r\ntrailer\n<</Root 1 0 R/Size 5>>\n", head.Len())
	fmt.Fprintf(&head, "4 0 obj\n<</Length %d>>\nstream\n", stuffing)
	const foot = "\nendstream\nendobj\n"
	start := int64(head.Len()+len(foot)) + stuffing
	return head.String(), fmt.Sprintf("%s%sstartxref\n%d\n%%%%EOF\n", foot, table.String(), start)
}

// letter is a document with so many bytes of noise; the same number gives the same letter.
func letter(stuffing int64, number int) []byte {
	first, last := paper(stuffing)
	noise := make([]byte, stuffing)
	source := mathrand.NewChaCha8(sha256.Sum256([]byte(strconv.Itoa(number))))
	_, _ = source.Read(noise) // never fails
	return append(append([]byte(first), noise...), last...)
}

// writePaper writes a document whose stuffing is a hole in the file, so that a large one costs the disk nothing.
func writePaper(path string, stuffing int64) (err error) {
	first, last := paper(stuffing)
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err = file.WriteString(first); err != nil {
		return err
	}
	_, err = file.WriteAt([]byte(last), int64(len(first))+stuffing)
	return err
}

// addSignatures signs a file so many times, one after the other, and appends each signature. It reads the file once.
func addSignatures(ctx context.Context, path string, count int, order signing.Order) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, states, err := signing.Midstates(ctx, file)
	if err != nil {
		return err
	}
	for range count {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		order.Midstates = states
		signed, err := signing.SignPDF(ctx, file, info.Size(), order)
		if err != nil {
			return fmt.Errorf("sign %s: %w", path, err)
		}
		if _, err := file.WriteAt(signed.Tail, info.Size()); err != nil {
			return err
		}
		if states[crypto.SHA256], err = further(states[crypto.SHA256], signed.Tail); err != nil {
			return err
		}
	}
	return nil
}

// further continues a kept SHA-256.
func further(state, more []byte) ([]byte, error) {
	hash := sha256.New()
	keeper, ok := hash.(interface {
		encoding.BinaryMarshaler
		encoding.BinaryUnmarshaler
	})
	if !ok {
		return nil, errors.New("the hash cannot be kept")
	}
	if err := keeper.UnmarshalBinary(state); err != nil {
		return nil, err
	}
	hash.Write(more)
	return keeper.MarshalBinary()
}

// benchKeys are the keys that signing is measured with.
var benchKeys = []struct {
	name string
	kind certs.KeyKind
}{{"P-256", certs.ECDSAP256}, {"RSA-2048", certs.RSA2048}, {"RSA-3072", certs.RSA3072}}

// openAuthority starts the trial authority and writes its anchor into the benchmark's folder.
func (b *bench) openAuthority(ctx context.Context) error {
	b.world = &world{dir: b.dir}
	if err := b.world.startAuthority(ctx, b.program); err != nil {
		b.world = nil
		return err
	}
	return b.world.writeAnchors(b.dir)
}

func (b *bench) anchors() string { return filepath.Join(b.dir, "anchors") }

// writeBenchKey issues a leader's key and writes it in the clear: opening a sealed one would cost the memory that is
// measured.
func (b *bench) writeBenchKey(kind certs.KeyKind, name string) (string, certs.Identity, error) {
	identity, err := b.world.authority.Leader("Nguyễn Văn An", "Chủ tịch", "Uỷ ban nhân dân xã thử", kind)
	if err != nil {
		return "", identity, err
	}
	path, err := b.writeIdentity(name, identity)
	return path, identity, err
}

// writeIdentity writes a key and its certificates in the clear.
func (b *bench) writeIdentity(name string, identity certs.Identity) (string, error) {
	key, err := x509.MarshalPKCS8PrivateKey(identity.Signer)
	if err != nil {
		return "", err
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	data = append(data, certs.EncodePEM(append([]*x509.Certificate{identity.Certificate}, identity.Chain...)...)...)
	path := filepath.Join(b.dir, name+".pem")
	return path, os.WriteFile(path, data, 0o600)
}

// openBenchKey opens what writeBenchKey wrote.
func openBenchKey(path string) (certs.Identity, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return certs.Identity{}, err
	}
	return certs.OpenPEM(data, "")
}

// benchOrder is the order of a signature at a level.
func benchOrder(p program, identity certs.Identity, level signing.Level, tsa string) (signing.Order, error) {
	order := signing.Order{Identity: identity, Level: level, At: exchange.InVietnam(p.now())}
	if level == signing.LevelB {
		return order, nil
	}
	stamper, err := certs.NewTSA(certs.Timestamping{URLs: []string{tsa}, Now: p.now})
	order.Stamper = stamper
	return order, err
}

// bareKey is what no program that signs can do without: one operation of the key, and a time stamp where one is wanted.
func bareKey(ctx context.Context, order signing.Order, content io.Reader) error {
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return err
	}
	digest := hash.Sum(nil)
	if _, err := order.Identity.Signer.Sign(rand.Reader, digest, crypto.SHA256); err != nil {
		return err
	}
	if order.Stamper == nil {
		return nil
	}
	_, err := order.Stamper.Stamp(ctx, crypto.SHA256, digest)
	return err
}
