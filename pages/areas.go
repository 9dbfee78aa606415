package pages

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"slices"
)

// How pixels become areas that a person sees at a glance.
const (
	cell         = 8  // pixels; what changed within one cell is one change
	reach        = 2  // cells; changes that are not farther from one another are one area
	faint        = 12 // of 255; smaller differences of a colour are not seen
	widestChoice = 24 // more areas than these are shown as the one around them all
	mostJoined   = 8 * widestChoice
)

// differing gives the areas, in pixels, in which two pictures of a page differ. A page that is there in one revision
// only, or has another size, differs as a whole.
func differing(before, after *image.RGBA) []image.Rectangle {
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil:
		return []image.Rectangle{after.Rect}
	case after == nil:
		return []image.Rectangle{before.Rect}
	case before.Rect != after.Rect || before.Stride != after.Stride:
		return []image.Rectangle{before.Rect.Union(after.Rect)}
	case bytes.Equal(before.Pix, after.Pix):
		return nil
	}
	return grouped(changedCells(before, after), before.Rect)
}

// changedCells lists the cells of the page that hold a visible difference, row by row.
func changedCells(before, after *image.RGBA) []image.Point {
	var cells []image.Point
	width, height := before.Rect.Dx(), before.Rect.Dy()
	for y := 0; y < height; y += cell {
		for x := 0; x < width; x += cell {
			if differs(before, after, image.Rect(x, y, min(x+cell, width), min(y+cell, height))) {
				cells = append(cells, image.Pt(x/cell, y/cell))
			}
		}
	}
	return cells
}

func differs(before, after *image.RGBA, within image.Rectangle) bool {
	for y := within.Min.Y; y < within.Max.Y; y++ {
		from, to := y*before.Stride+4*within.Min.X, y*before.Stride+4*within.Max.X
		for i := from; i < to; i++ {
			if a, b := before.Pix[i], after.Pix[i]; max(a, b)-min(a, b) > faint {
				return true
			}
		}
	}
	return false
}

// grouped joins cells that are near one another and gives the rectangle around each group, in pixels, top down.
func grouped(cells []image.Point, page image.Rectangle) []image.Rectangle {
	left := make(map[image.Point]bool, len(cells))
	for _, each := range cells {
		left[each] = true
	}
	var areas []image.Rectangle
	for _, seed := range cells {
		if left[seed] {
			areas = append(areas, flood(left, seed))
		}
	}
	if len(areas) <= mostJoined {
		areas = joined(areas)
	}
	if len(areas) > widestChoice {
		around := image.Rectangle{}
		for _, area := range areas {
			around = around.Union(area)
		}
		areas = []image.Rectangle{around}
	}
	for i, area := range areas {
		area.Min, area.Max = area.Min.Mul(cell).Add(page.Min), area.Max.Mul(cell).Add(page.Min)
		areas[i] = area.Intersect(page)
	}
	return areas
}

// flood takes the cells of one group out of what is left and gives the rectangle around them, in cells.
func flood(left map[image.Point]bool, seed image.Point) image.Rectangle {
	around := image.Rectangle{}
	waiting := []image.Point{seed}
	delete(left, seed)
	for len(waiting) > 0 {
		here := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		around = around.Union(image.Rectangle{Min: here, Max: here.Add(image.Pt(1, 1))})
		for dy := -reach; dy <= reach; dy++ {
			for dx := -reach; dx <= reach; dx++ {
				if near := here.Add(image.Pt(dx, dy)); left[near] {
					delete(left, near)
					waiting = append(waiting, near)
				}
			}
		}
	}
	return around
}

// joined makes one of areas that overlap: a frame and what stands in it are one change.
func joined(areas []image.Rectangle) []image.Rectangle {
	for i := 0; i < len(areas); i++ {
		for j := i + 1; j < len(areas); j++ {
			if areas[i].Overlaps(areas[j]) {
				areas[i] = areas[i].Union(areas[j])
				areas = slices.Delete(areas, j, j+1)
				i = -1 // what has grown may overlap others now
				break
			}
		}
	}
	return areas
}

// The frame around a changed area, in pixels: far enough from the change not to hide it.
const (
	frameWidth = 3
	frameGap   = 4
)

// boxed draws frames on a copy of the picture; nil stays nil.
func boxed(picture image.Image, areas []image.Rectangle) image.Image {
	if picture == nil {
		return nil
	}
	page := picture.Bounds()
	out := image.NewRGBA(page)
	draw.Draw(out, page, picture, page.Min, draw.Src)
	red := image.NewUniform(color.RGBA{R: 0xc4, G: 0x10, B: 0x2a, A: 0xff})
	for _, area := range areas {
		inner := area.Inset(-frameGap).Intersect(page.Inset(frameWidth))
		outer := inner.Inset(-frameWidth)
		for _, side := range []image.Rectangle{
			{Min: outer.Min, Max: image.Pt(outer.Max.X, inner.Min.Y)},
			{Min: image.Pt(outer.Min.X, inner.Max.Y), Max: outer.Max},
			{Min: outer.Min, Max: image.Pt(inner.Min.X, outer.Max.Y)},
			{Min: image.Pt(inner.Max.X, outer.Min.Y), Max: outer.Max},
		} {
			draw.Draw(out, side, red, image.Point{}, draw.Src)
		}
	}
	return out
}
