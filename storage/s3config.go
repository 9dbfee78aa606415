package storage

import (
	"net/http"
	"net/url"
	"strings"

	"congvan/exchange"
)

// S3Config says where an S3 store is and how to enter it. Whoever makes it keeps the secret out of logs; String does.
type S3Config struct {
	Endpoint  string // host or host:port
	Insecure  bool   // plain HTTP; only for a server on this machine or behind a tunnel
	AccessKey string
	SecretKey string
	Region    string // empty: us-east-1, which servers other than Amazon's accept
	Bucket    string
	Prefix    string // before every key, without slashes at its ends; may be empty

	Spool     string            // folder for what is taken in while its digest is not known; empty: the system's
	Transport http.RoundTripper // empty: minio's own, with its limits and time-outs
}

// String names the bucket without the secret.
func (c S3Config) String() string { return "s3 " + c.Endpoint + "/" + c.Bucket + "/" + c.Prefix }

// ParseS3URL reads s3://KEY:SECRET@host[:port]/bucket[/prefix][?insecure=1&region=R]. With http:// or https:// in
// place of s3:// the scheme says whether TLS is used. Credentials may be missing, to be set from elsewhere. What is
// wrong is an Error of kind Invalid with the code storage.s3_url, which never repeats the secret.
func ParseS3URL(text string) (S3Config, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		// The cause of url.Parse repeats the text, and with it the secret.
		return S3Config{}, exchange.Errorf(exchange.Invalid, codeS3URL, "it is not a URL")
	}
	query := parsed.Query()
	config := S3Config{Endpoint: parsed.Host, Region: query.Get("region"), Insecure: query.Get("insecure") == "1"}
	switch parsed.Scheme {
	case "s3", "https":
	case "http":
		config.Insecure = true
	default:
		return S3Config{}, exchange.Errorf(exchange.Invalid, codeS3URL, "the scheme is not s3, https or http")
	}
	config.AccessKey = parsed.User.Username()
	config.SecretKey, _ = parsed.User.Password()
	config.Bucket, config.Prefix, _ = strings.Cut(strings.Trim(parsed.Path, "/"), "/")
	if config.Endpoint == "" || config.Bucket == "" {
		return S3Config{}, exchange.Errorf(exchange.Invalid, codeS3URL, "the host or the bucket is missing")
	}
	return config, nil
}

const codeS3URL = "storage.s3_url"
