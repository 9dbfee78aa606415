package certs

import "net/http"

// NewClient gives the HTTP client by which this program calls addresses that others have named, such as webhooks: it
// connects to nothing inside the house that the settings do not allow, whatever a name leads to, and follows no
// redirect, which it gives as the answer. Its fields must not be changed.
func NewClient(settings Outbound) (*http.Client, error) {
	guard, err := newOutbound(settings)
	if err != nil {
		return nil, err
	}
	guard.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return guard.client, nil
}
