//go:build !race

package signing_test

// slack is how much longer than else something may take.
const slack = 1
