package main

import (
	"os"
	"time"

	"congvan/exchange"
	"congvan/exchange/remind"
)

// remindEvery is how often the gateway looks for what is due.
const remindEvery = time.Minute

// openReminder reads the calendar and the duties that the office states.
func openReminder(gateway *exchange.Gateway, path string) (*remind.Reminder, error) {
	stated := []byte("{}")
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		stated = data
	}
	setting, err := remind.Load(stated)
	if err != nil {
		return nil, failure(exchange.Invalid, "deadlines.invalid", path, err)
	}
	return &remind.Reminder{Gateway: gateway, Setting: setting}, nil
}
