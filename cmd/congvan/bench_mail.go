package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"congvan/certs"
)

// mailBench is what an office would use without a gateway: the document signed by S/MIME (openssl), brought by SMTP to
// a Postfix of the benchmark's own, which keeps it durably in a maildir, where the signature is verified (openssl).
type mailBench struct {
	*exchangeBench
	openssl  string
	key      string // file: the signer's key and certificates
	anchor   string // file
	postfix  *postfix
	idle     chan *smtp.Client
	arrivals []chan []byte // of each letter: the mail that came
}

// The two ends of the mails. Domains under .test are nobody's (RFC 6761).
const (
	mailFrom = "van-thu@xa.test"
	mailTo   = "van-thu@" + mailDomain
)

// besideMail measures the same letters as mail, beside the whole way through the gateways.
func (e *exchangeBench) besideMail(ctx context.Context, whole benchRow) error {
	const beside = "SMTP + S/MIME"
	openssl, err := exec.LookPath("openssl")
	if err != nil || !postfixHere() {
		return e.leaveOut(whole.Case, beside, "bench_no_smtp")
	}
	if whole.LeftOut != "" || e.bench.left() < 10*time.Second {
		return e.leaveOut(whole.Case, beside, "bench_no_time")
	}
	e.begin("mail")
	server, err := startPostfix(ctx, e.dir)
	if err != nil {
		return e.notStarted(whole.Case, beside, err)
	}
	m := &mailBench{exchangeBench: e, openssl: openssl, postfix: server, idle: make(chan *smtp.Client, e.command.Workers)}
	result, err := m.measure(ctx)
	m.close()
	if err = errors.Join(err, server.stop(ctx)); err != nil {
		return err
	}
	row := result.row(beside, "–", 0)
	if err := e.add(row); err != nil {
		return err
	}
	whole.Beside, whole.BesideSeconds = beside, row.Seconds
	return e.add(whole)
}

// measure sends the letters that went the whole way.
func (m *mailBench) measure(ctx context.Context) (sample, error) {
	from := m.places[0]
	leader, err := m.world.authority.Leader(from.leader, from.position, from.name, certs.ECDSAP256)
	if err != nil {
		return sample{}, err
	}
	if m.key, err = m.writeIdentity("mail", leader); err != nil {
		return sample{}, err
	}
	m.anchor = filepath.Join(m.dir, "mail-anchor.pem")
	if err := os.WriteFile(m.anchor, certs.EncodePEM(m.world.authority.Root()), 0o600); err != nil {
		return sample{}, err
	}
	letters := m.letters[len(m.letters)*3/4:]
	m.arrivals = make([]chan []byte, len(letters))
	for i := range m.arrivals {
		m.arrivals[i] = make(chan []byte, 1)
	}
	watching, end := context.WithCancel(ctx)
	group, watching := errgroup.WithContext(watching)
	group.Go(func() error { return m.watch(watching) })
	result, err := m.closed(len(letters), m.bench.left()/3, func(i int) error { return m.send(watching, i, letters[i]) })
	end()
	return result, errors.Join(group.Wait(), err)
}

// send signs a letter, brings it, waits until it is in the maildir, and verifies it there.
func (m *mailBench) send(ctx context.Context, i int, letter []byte) error {
	var entity bytes.Buffer
	entity.WriteString("Content-Type: application/pdf; name=cong-van.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	coded := base64.StdEncoding.EncodeToString(letter)
	for len(coded) > 0 {
		line := coded[:min(76, len(coded))]
		coded = coded[len(line):]
		entity.WriteString(line + "\r\n")
	}
	signed, err := m.run(ctx, entity.Bytes(), "smime", "-sign", "-binary", "-md", "sha256", "-signer", m.key,
		"-certfile", m.key, "-from", mailFrom, "-to", mailTo, "-subject", strconv.Itoa(i))
	if err != nil {
		return err
	}
	if err := m.bring(signed); err != nil {
		return err
	}
	select {
	case came := <-m.arrivals[i]:
		return m.check(ctx, came, letter)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// bring hands a mail to Postfix, which keeps it durably before it says so, on a connection that stays open.
func (m *mailBench) bring(text []byte) (err error) {
	var client *smtp.Client
	select {
	case client = <-m.idle:
	default:
		if client, err = smtp.Dial(m.postfix.address); err != nil {
			return err
		}
	}
	defer func() {
		if err != nil {
			done(client)
			return
		}
		m.idle <- client
	}()
	if err := errors.Join(client.Mail(mailFrom), client.Rcpt(mailTo)); err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	_, err = body.Write(text)
	return errors.Join(err, body.Close())
}

// watch takes what comes out of the maildir, as a mail program does: what it has seen it moves to cur.
func (m *mailBench) watch(ctx context.Context) error {
	box := m.postfix.maildir
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		names, err := os.ReadDir(filepath.Join(box, "new"))
		if err != nil && !errors.Is(err, os.ErrNotExist) { // Postfix makes it with the first mail
			return err
		}
		for _, name := range names {
			if err := m.take(box, name.Name()); err != nil {
				return err
			}
		}
	}
}

func (m *mailBench) take(box, name string) error {
	seen := filepath.Join(box, "cur", name+":2,S")
	if err := os.Rename(filepath.Join(box, "new", name), seen); err != nil {
		return err
	}
	data, err := os.ReadFile(seen)
	if err != nil {
		return err
	}
	message, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("mail %s: %w", name, err)
	}
	i, err := strconv.Atoi(message.Header.Get("Subject"))
	if err != nil || i < 0 || i >= len(m.arrivals) {
		return fmt.Errorf("mail %s is none of ours: %q", name, message.Header.Get("Subject"))
	}
	m.arrivals[i] <- data
	return nil
}

// check verifies the signature and holds the document against what was sent: figures about damaged ones say nothing.
func (m *mailBench) check(ctx context.Context, came, letter []byte) error {
	entity, err := m.run(ctx, came, "smime", "-verify", "-CAfile", m.anchor, "-purpose", "any")
	if err != nil {
		return err
	}
	_, coded, _ := strings.Cut(string(entity), "\r\n\r\n")
	document, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(coded, "\r\n", ""))
	if err != nil || !bytes.Equal(document, letter) {
		return fmt.Errorf("the mail carries another document: %w", err)
	}
	return nil
}

func (m *mailBench) run(ctx context.Context, input []byte, args ...string) ([]byte, error) {
	var out, complaint bytes.Buffer
	process := exec.CommandContext(ctx, m.openssl, args...) //nolint:gosec // openssl, with arguments from here
	process.Stdin, process.Stdout, process.Stderr = bytes.NewReader(input), &out, &complaint
	if err := process.Run(); err != nil {
		return nil, fmt.Errorf("openssl %s: %w: %s", args[1], err, strings.TrimSpace(complaint.String()))
	}
	return out.Bytes(), nil
}

// close ends the connections, which are idle by now.
func (m *mailBench) close() {
	for {
		select {
		case client := <-m.idle:
			done(client)
		default:
			return
		}
	}
}
