package certs_test

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
)

func stamp(t *testing.T, client *certs.TSA) ([]byte, error) {
	t.Helper()
	return client.Stamp(t.Context(), crypto.SHA256, bytes.Repeat([]byte{7}, 32))
}

func TestLyingTimestampsAreRefused(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "Root")
	make := func(spec certstest.Spec) certs.Identity {
		spec.Name, spec.Issuer = "TSA", &root
		return certstest.Make(t, spec)
	}
	signer := make(certstest.Spec{Adjust: certstest.ForStamps(true)})
	rsaSigner := make(certstest.Spec{Adjust: certstest.ForStamps(true), Key: certs.RSA2048})
	type lie = certstest.Stamping
	for _, test := range []struct {
		name   string
		signer certs.Identity
		lie    lie
		want   error
	}{
		{"honest", signer, lie{}, nil},
		{"honest, RSA", rsaSigner, lie{}, nil},
		{"honest, 3 KB", signer, lie{Pad: 3 << 10}, nil},
		{"honest, 12 KB", signer, lie{Pad: 12 << 10}, nil},
		{"honest, 40 KB", signer, lie{Pad: 40 << 10}, nil},
		{"larger than allowed", signer, lie{Pad: 66 << 10}, certs.ErrTimestampUnreadable},
		{"much larger than allowed", signer, lie{Pad: 900 << 10}, certs.ErrTimestampUnreadable},
		{"wrong imprint", signer, lie{WrongImprint: true}, certs.ErrTimestampWrongImprint},
		{"wrong nonce", signer, lie{WrongNonce: true}, certs.ErrTimestampWrongNonce},
		{"no nonce", signer, lie{NoNonce: true}, certs.ErrTimestampWrongNonce},
		{"spoilt signature", rsaSigner, lie{BadSignature: true}, certs.ErrTimestampBadSignature},
		{"certificate not sent", signer, lie{NoSigner: true}, certs.ErrTimestampWrongSigner},
		{"clock an hour fast", signer, lie{Ahead: hour}, certs.ErrTimestampWrongTime},
		{"clock an hour slow", signer, lie{Ahead: -hour}, certs.ErrTimestampWrongTime},
		{"clock a minute fast", signer, lie{Ahead: time.Minute}, nil},
		{"refuses", signer, lie{Refuse: true}, certs.ErrTimestampRefused},
		{"answers with a page", signer, lie{Garbage: true}, certs.ErrTimestampUnreadable},
		{"HTTP 500", signer, lie{Status: 500}, certs.ErrTimestampUnavailable},
		{"slow", signer, lie{Delay: time.Minute}, certs.ErrTimestampUnavailable},
		{
			"expired", make(certstest.Spec{Adjust: certstest.ForStamps(true), Until: certstest.Noon.Add(-hour)}),
			lie{},
			certs.ErrTimestampExpired,
		},
		{
			"not yet valid", make(certstest.Spec{Adjust: certstest.ForStamps(true), From: certstest.Noon.Add(hour)}),
			lie{},
			certs.ErrTimestampExpired,
		},
		{
			"usage not critical", make(certstest.Spec{Adjust: certstest.ForStamps(false)}),
			lie{},
			certs.ErrTimestampWrongSigner,
		},
		{"a leader's certificate", make(certstest.Spec{}), lie{}, certs.ErrTimestampWrongSigner},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.lie.Signer, test.lie.Now = test.signer, certstest.At(certstest.Noon)
			client, err := certs.NewTSA(certs.Timestamping{
				URLs: []string{certstest.Stamper(t, test.lie)}, Now: certstest.At(certstest.Noon),
				Outbound: certs.Outbound{Timeout: timeout(test.lie)},
			})
			if err != nil {
				t.Fatal(err)
			}
			token, err := stamp(t, client)
			if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
				t.Fatalf("%v, want %v", err, test.want)
			}
			if err != nil {
				if certs.Code(err) != test.want.Error() || token != nil {
					t.Errorf("code %q, token of %d bytes", certs.Code(err), len(token))
				}
				return
			}
			if len(token) < test.lie.Pad {
				t.Errorf("token of %d bytes", len(token))
			}
			parsed, err := cms.ParseTimestampToken(token)
			if err != nil || !parsed.Info.Time.Equal(certstest.Noon.Add(test.lie.Ahead)) {
				t.Errorf("time %v, %v", parsed.Info.Time, err)
			}
		})
	}
}

// timeout is short for the stamper that never answers, and long for others: the machine may be busy.
func timeout(lie certstest.Stamping) time.Duration {
	if lie.Delay > 0 {
		return 100 * time.Millisecond
	}
	return time.Minute
}

func TestTheNextAuthorityIsAskedWhenOneFails(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	lying := certstest.Stamper(t, certstest.Stamping{
		Signer: certstest.Issue(t, authority, certs.Order{Use: certs.UseTimestamping}),
		Now:    certstest.At(certstest.Noon), WrongImprint: true,
	})
	client := certstest.Client(t, certstest.Down(t), lying, authority.TimestampURL())
	for range 3 {
		if _, err := stamp(t, client); err != nil {
			t.Fatal(err)
		}
	}
	hopeless := certstest.Client(t, certstest.Down(t), lying)
	_, err := stamp(t, hopeless)
	if !errors.Is(err, certs.ErrTimestampUnavailable) || !errors.Is(err, certs.ErrTimestampWrongImprint) {
		t.Errorf("both faults should be told: %v", err)
	}
}

func TestAStampIsGivenUpWithItsContext(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := certstest.Client(t, authority.TimestampURL()).Stamp(ctx, crypto.SHA256, make([]byte, 32))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestATokenOfAnyHashIsTaken(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	client := certstest.Client(t, authority.TimestampURL())
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA3_256} {
		token, err := client.Stamp(t.Context(), hash, make([]byte, hash.Size()))
		if err != nil {
			t.Fatalf("%s: %v", hash, err)
		}
		parsed, err := cms.ParseTimestampToken(token)
		if err != nil {
			t.Fatal(err)
		}
		signer := parsed.FindSigner(nil)
		standing := authority.Anchors().Check(signer, parsed.SignedData.Certificates, parsed.Info.Time, certs.ForTimestamping)
		if !standing.Trusted {
			t.Errorf("%s: %s", hash, standing.Reason)
		}
	}
	if _, err := client.Stamp(t.Context(), crypto.SHA256, []byte{1}); err == nil {
		t.Error("stamped a digest of one byte")
	}
}

func TestAPolicyIsHeldTo(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	client, err := certs.NewTSA(certs.Timestamping{URLs: []string{authority.TimestampURL()}, Policy: []int{1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stamp(t, client); !errors.Is(err, certs.ErrTimestampRefused) {
		t.Errorf("%v", err)
	}
}

func TestAClientNeedsUsableAddresses(t *testing.T) {
	t.Parallel()
	for _, urls := range [][]string{nil, {"file:///etc/passwd"}, {"tsa.ca.gov.vn"}, {"http://a:b@c/"}, {"http://[::1"}} {
		if _, err := certs.NewTSA(certs.Timestamping{URLs: urls}); err == nil {
			t.Errorf("took %q", urls)
		}
	}
}
