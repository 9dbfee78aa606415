package main

import (
	"runtime"
	"slices"
	"time"
)

// rate measures two operations on one core as pairs of short turns, so that whatever else the machine does falls on
// both. What it gives are medians: of the turns of each side, and of the ratios within the pairs.
func (s benchSpec) rate(p program, ours, bare func() error) (benchResult, error) {
	runtime.GOMAXPROCS(1)
	sides := [2]*turns{{do: ours}, {do: bare}}
	for _, side := range sides { // caches are filled
		if err := side.do(); err != nil {
			return benchResult{}, err
		}
	}
	var ratios []float64
	for began := p.now(); len(ratios) == 0 || p.now().Sub(began).Seconds() < s.Seconds; {
		for i := range sides {
			first := len(ratios) % 2 // each side begins every other pair
			if err := sides[(i+first)%2].take(p); err != nil {
				return benchResult{}, err
			}
		}
		ratios = append(ratios, sides[0].last()/sides[1].last())
	}
	return benchResult{
		Count: sides[0].count, Seconds: median(sides[0].each), BareSeconds: median(sides[1].each), Ratio: median(ratios),
	}, nil
}

// turns are the turns of one side.
type turns struct {
	do    func() error
	count int       // operations
	each  []float64 // seconds of one operation, turn by turn
}

// turn is long enough that the collector's work falls on the side that made it.
const turn = 20 * time.Millisecond

func (t *turns) take(p program) error {
	count, began, spent := 0, p.now(), time.Duration(0)
	for spent < turn {
		if err := t.do(); err != nil {
			return err
		}
		count++
		spent = p.now().Sub(began)
	}
	t.count += count
	t.each = append(t.each, spent.Seconds()/float64(count))
	return nil
}

func (t *turns) last() float64 { return t.each[len(t.each)-1] }

// median of the values, of which there must be one; it sorts them.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
