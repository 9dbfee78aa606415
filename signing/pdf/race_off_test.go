//go:build !race

package pdf_test

// slower is how much longer things may take.
const slower = 1
