package handover

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"congvan/exchange"
)

const (
	keySize      = 32
	secretSize   = 32 // Standard Webhooks: 24 to 64 bytes
	secretPrefix = "whsec_"
	maxSecrets   = 3 // that sign at the same time
	maxAnswer    = 4 << 10
)

// notNow are answers of the 4xx that are about the system and not about the event.
var notNow = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout,
	http.StatusTooManyRequests,
}

// newSecret makes a secret, as it is told and as it is kept.
func (d *Desk) newSecret(of Holder) (told string, kept exchange.SealedSecret, err error) {
	var secret [secretSize]byte
	_, _ = rand.Read(secret[:]) // never fails: crypto/rand ends the process when there is no randomness
	sealer, err := d.sealer()
	if err != nil {
		return "", exchange.SealedSecret{}, err
	}
	sealed := sealer.Seal(nil, nil, secret[:], of.bytes()) //nolint:gosec // it takes a random nonce itself
	return secretPrefix + base64.StdEncoding.EncodeToString(secret[:]), exchange.SealedSecret{Sealed: sealed}, nil
}

// bytes bind a sealed secret to its mailbox: moved to another row it does not open.
func (h Holder) bytes() []byte { return []byte(string(h.Office) + "\n" + string(h.System)) }

// sealer is AES-256-GCM with a nonce of its own for each secret, in front of it.
func (d *Desk) sealer() (cipher.AEAD, error) {
	if len(d.Key) != keySize {
		return nil, exchange.Errorf(exchange.Unavailable, "mailbox.no_webhooks", "a key of %d bytes", len(d.Key))
	}
	block, err := aes.NewCipher(d.Key)
	if err != nil {
		return nil, fmt.Errorf("mailbox key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// sign gives the signatures of a message by all secrets that are in force (Standard Webhooks, "webhook-signature").
func (d *Desk) sign(mailbox exchange.Mailbox, id string, at time.Time, body []byte) (string, error) {
	sealer, err := d.sealer()
	if err != nil {
		return "", err
	}
	content := fmt.Appendf(nil, "%s.%d.%s", id, at.Unix(), body)
	var signatures []string
	for _, sealed := range mailbox.Secrets {
		if !sealed.Until.IsZero() && !sealed.Until.After(at) {
			continue
		}
		secret, err := sealer.Open(nil, nil, sealed.Sealed, Holder{mailbox.Office, mailbox.System}.bytes())
		if err != nil {
			return "", exchange.Errorf(exchange.Conflict, "mailbox.secret_lost", "open the secret: %w", err)
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write(content)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(signatures, " "), nil
}

// post calls the webhook of a mailbox with one event. Any answer of 2xx is an acknowledgement. Errors: Unavailable
// mailbox.unreachable, mailbox.answer; Conflict mailbox.declined, mailbox.secret_lost.
func (d *Desk) post(ctx context.Context, mailbox exchange.Mailbox, event Occurrence) error {
	if d.Client == nil {
		return exchange.Errorf(exchange.Unavailable, "mailbox.no_webhooks", "no client")
	}
	body, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", event.ID, err)
	}
	now := d.Gateway.Now().UTC()
	signature, err := d.sign(mailbox, event.ID, now, body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, mailbox.Order.URL, bytes.NewReader(body))
	if err != nil {
		return exchange.Errorf(exchange.Invalid, "mailbox.url", "%w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "congvan")
	request.Header.Set("Webhook-Id", event.ID)
	request.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("Webhook-Signature", signature)
	response, err := d.Client.Do(request)
	if err != nil {
		return exchange.Errorf(exchange.Unavailable, "mailbox.unreachable", "%w", err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // so that the connection can be used again
	switch status := response.StatusCode; {
	case status/100 == 2:
		return nil
	case status/100 == 4 && !slices.Contains(notNow, status):
		return exchange.Errorf(exchange.Conflict, codeDeclined, "HTTP status %d", status)
	default:
		return exchange.Errorf(exchange.Unavailable, "mailbox.answer", "HTTP status %d", status)
	}
}

// Ping calls the webhook of a mailbox of the administrator's own office at once, with an event of the type ping that
// says nothing and is not given again. When it goes well, what is due is tried at once too. Errors are those of the
// call; Conflict mailbox.no_url.
func (d *Desk) Ping(ctx context.Context, actor exchange.Actor, system exchange.System) error {
	if err := actor.May(exchange.ActManage); err != nil {
		return err
	}
	mailbox, err := d.mailbox(ctx, Holder{actor.Office, system})
	if err != nil {
		return err
	}
	if mailbox.Order.URL == "" {
		return exchange.Errorf(exchange.Conflict, "mailbox.no_url", "%s", system)
	}
	var random [12]byte
	_, _ = rand.Read(random[:]) // as above
	event := Occurrence{
		ID: "ping-" + base64.RawURLEncoding.EncodeToString(random[:]), Type: "ping",
		Timestamp: d.Gateway.Now().UTC(), Data: OccurrenceData{Office: actor.Office},
	}
	if err := d.post(ctx, mailbox, event); err != nil {
		return err
	}
	return d.settle(ctx, mailbox, nil)
}
