//go:build !race

package certs_test

// slack is how much longer than else something may take.
const slack = 1
