package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/handover"
)

// openDesk puts together what hands over to the document systems of the offices.
func openDesk(gateway *exchange.Gateway, config Config) (*handover.Desk, error) {
	client, err := certs.NewClient(certs.Outbound{Allow: config.WebhookAddresses})
	if err != nil {
		return nil, failure(exchange.Invalid, "config.invalid", "webhook_addresses", err)
	}
	key, err := mailboxKey(config.MailboxKey)
	if err != nil {
		return nil, err
	}
	desk := &handover.Desk{
		Gateway: gateway, Client: client, Key: key, Folders: map[handover.Holder]handover.Folder{},
		Sentence: func(code string) string { return api.Sentence(code, api.Vietnamese) },
	}
	for _, folder := range config.Folders {
		desk.Folders[handover.Holder{Office: folder.Office, System: folder.System}] = handover.Folder{
			Path: folder.Path, Order: folder.order(),
		}
	}
	return desk, nil
}

func (f Folder) order() exchange.MailboxOrder {
	return exchange.MailboxOrder{Topics: f.Topics, Kinds: f.Kinds, Units: f.Units}
}

// checkFolders refuses folders that could never work, and two mailboxes in one folder: what is given to one office must
// not lie open to another.
func (c Config) checkFolders() error {
	var paths []string
	holders := map[handover.Holder]bool{}
	for _, folder := range c.Folders {
		of := handover.Holder{Office: folder.Office, System: folder.System}
		if err := handover.ValidSystem(folder.System); err != nil {
			return fmt.Errorf("folders: %w", err)
		}
		if err := handover.CheckRule(folder.order()); err != nil {
			return fmt.Errorf("folders: %s: %w", folder.System, err)
		}
		path := filepath.Clean(folder.Path) + string(filepath.Separator)
		shared := slices.ContainsFunc(paths, func(other string) bool {
			return strings.HasPrefix(path, other) || strings.HasPrefix(other, path)
		})
		if folder.Office == "" || folder.Path == "" || shared || holders[of] {
			return fmt.Errorf("folders: %s: an office, and a path of its own", folder.System)
		}
		paths, holders[of] = append(paths, path), true
	}
	return nil
}

// mailboxKey reads the key that seals the secrets of webhooks; the first start makes it.
func mailboxKey(path string) ([]byte, error) {
	found, err := exists(path)
	if err != nil {
		return nil, err
	}
	if !found {
		made := make([]byte, 32)
		if _, err := rand.Read(made); err != nil {
			return nil, err
		}
		return made, certs.WriteKeyFile(path, []byte(hex.EncodeToString(made)+"\n"))
	}
	line, err := firstLine(path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(line)
	if err != nil || len(key) != 32 {
		return nil, failure(exchange.Invalid, "config.invalid", path, os.ErrInvalid)
	}
	return key, nil
}
