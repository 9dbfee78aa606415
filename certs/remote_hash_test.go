package certs_test

import (
	"crypto"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
)

var flavours = []string{certs.FlavourSmartCA, certs.FlavourMySign}

func TestKeysConfirmedOnThePhoneSignWhatCMSVerifies(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey := threeStoreys(t, certs.RSA2048), threeStoreys(t, certs.ECDSAP256)
	for name, phone := range map[string]func() *certstest.Phone{
		"at once":        func() *certstest.Phone { return &certstest.Phone{Identity: rsaKey} },
		"EC":             func() *certstest.Phone { return &certstest.Phone{Identity: ecKey} },
		"after a while":  func() *certstest.Phone { return &certstest.Phone{Identity: rsaKey, Polls: 7} },
		"the line broke": func() *certstest.Phone { return &certstest.Phone{Identity: rsaKey, Polls: 2, Down: 3} },
		"logged out":     func() *certstest.Phone { return &certstest.Phone{Identity: rsaKey, Polls: 5, Logins: 2} },
	} {
		for _, flavour := range flavours {
			service := phone()
			key := service.Serve(t, flavour)
			identity, err := certs.OpenRemote(t.Context(), key)
			if err != nil {
				t.Errorf("%s, %s: %v", name, flavour, err)
				continue
			}
			sameIdentity(t, identity, service.Identity)
			if err := remoteMessage(t, identity, cms.Policy{}); err != nil {
				t.Errorf("%s, %s: %v", name, flavour, err)
			}
			if service.Asked() != 2 {
				t.Errorf("%s, %s: the phone was asked %d times for two signatures", name, flavour, service.Asked())
			}
			if err := remoteMessage(t, identity, cms.Policy{PSS: true}); flavour == certs.FlavourSmartCA &&
				name != "EC" && !errors.Is(err, certs.ErrRemoteAlgorithm) {
				t.Errorf("%s, %s: PSS: %v", name, flavour, err)
			}
		}
	}
}

func TestAnswersOfThePhoneHaveCodes(t *testing.T) {
	t.Parallel()
	identity := threeStoreys(t, certs.RSA2048)
	stranger, err := certs.GenerateKey(certs.RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		signer string
		polls  int
		key    crypto.Signer
		want   error
		code   string
	}{
		{certstest.Refuses, 2, nil, certs.ErrRemoteRefused, "remote.refused"},
		{certstest.Ignores, 0, nil, certs.ErrRemoteUnconfirmed, "remote.unconfirmed"},
		{certstest.Breaks, 0, nil, certs.ErrRemoteAnswer, "remote.unusable_answer"},
		{certstest.Confirms, 1 << 30, nil, certs.ErrRemoteUnconfirmed, "remote.unconfirmed"}, // our own impatience
		{certstest.Confirms, 0, stranger, certs.ErrSignatureValue, "key.wrong_signature"},
	} {
		for _, flavour := range flavours {
			phone := &certstest.Phone{Identity: identity, Signs: test.key, Polls: test.polls, Signer: test.signer}
			key := phone.Serve(t, flavour)
			if test.polls > 100 {
				key.Patience = 50 * time.Millisecond
			}
			opened, err := certs.OpenRemote(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			_, err = opened.Signer.Sign(rand.Reader, make([]byte, 32), crypto.SHA256)
			if !errors.Is(err, test.want) || certs.KeyCode(err) != test.code {
				t.Errorf("%q, %d, %s: %v (%s)", test.signer, test.polls, flavour, err, certs.KeyCode(err))
			}
		}
	}
}

func TestAPhoneIsOpenedOnlyWithTheRightNames(t *testing.T) {
	t.Parallel()
	identity := threeStoreys(t, certs.RSA2048)
	for name, test := range map[string]struct {
		change func(*certs.RemoteKey)
		want   error
	}{
		"wrong password": {func(k *certs.RemoteKey) { k.ClientSecret = "x" }, certs.ErrRemoteLogin},
		"no user":        {func(k *certs.RemoteKey) { k.User = "" }, certs.ErrRemoteLogin},
		"another serial": {func(k *certs.RemoteKey) { k.Credential = "1" }, certs.ErrRemoteCredential},
		"no TLS":         {func(k *certs.RemoteKey) { k.URL = "http://127.0.0.1" }, certs.ErrRemoteURI},
	} {
		for _, flavour := range flavours {
			key := (&certstest.Phone{Identity: identity}).Serve(t, flavour)
			test.change(&key)
			if _, err := certs.OpenRemote(t.Context(), key); !errors.Is(err, test.want) {
				t.Errorf("%s, %s: %v", name, flavour, err)
			}
		}
	}
	key, err := certs.ParseRemoteURI("remote:https://rm.example/sca/sp769?flavour=smartca&user=079&client=doi-tac")
	if err != nil || key.Flavour != certs.FlavourSmartCA || key.URL != "https://rm.example/sca/sp769" {
		t.Errorf("%+v, %v", key, err)
	}
	if _, err := certs.ParseRemoteURI("remote:https://rm.example/?flavour=other"); !errors.Is(err, certs.ErrRemoteURI) {
		t.Errorf("an unknown flavour: %v", err)
	}
}
