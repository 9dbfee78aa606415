//go:build race

package certs_test

// slack is how much longer than else something may take: the race detector slows everything down.
const slack = 10
