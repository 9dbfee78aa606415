//go:build !race

package cms_test

// slack is how much longer than else something may take.
const slack = 1
