package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// once wants every key of every object in a sealed statement to be there once, whatever the case of its letters.
// RFC 8259, section 4, leaves it open which of two counts: the gateways of a way, and a court with another program,
// could read two documents under one seal.
func once(content []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var open []map[string]bool // the keys of each object we are in; nil for a list
	isKey := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil //nolint:nilerr // the end, or no JSON, which is said by who reads it
		}
		switch token {
		case json.Delim('{'):
			open, isKey = append(open, map[string]bool{}), true
			continue
		case json.Delim('['):
			open, isKey = append(open, nil), false
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if key, _ := token.(string); isKey {
				if err := seenOnce(open[len(open)-1], key); err != nil {
					return err
				}
				isKey = false
				continue
			}
		}
		isKey = len(open) > 0 && open[len(open)-1] != nil
	}
}

// seenOnce remembers a key as encoding/json compares them.
func seenOnce(keys map[string]bool, key string) error {
	folded := strings.ToLower(strings.ToUpper(key))
	if keys[folded] {
		return fmt.Errorf("key %.40q twice", key)
	}
	keys[folded] = true
	return nil
}
