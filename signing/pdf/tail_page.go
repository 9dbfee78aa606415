package pdf

import (
	"fmt"
	"math"
	"slices"
)

// page finds a page and how it is displayed; 0 is the first.
func (u *update) page(number int) (page, error) {
	if number == 0 {
		number = 1
	}
	found, err := u.doc.Page(number)
	if err != nil {
		return page{}, fmt.Errorf("page %d: %w", number, err)
	}
	if found.Ref == (Ref{}) {
		return page{}, fmt.Errorf("page %d is no object of its own: %w", number, ErrDamagedPages)
	}
	return u.displayed(found)
}

func (u *update) displayed(from Page) (page, error) {
	media, ok := u.box(from.MediaBox)
	if !ok {
		media = box{0, 0, 612, 792} // what readers assume
	}
	crop, ok := u.box(from.CropBox)
	if !ok {
		crop = media
	}
	shown := crop.within(media)
	if !(shown.w > 0 && shown.h > 0) {
		shown = media
	}
	unit := 1.0
	if given, ok := u.doc.Number(from.Dict["UserUnit"]); ok && given > 0 {
		unit = given
	}
	return page{ref: from.Ref, crop: shown, rotate: from.Rotate / 90 * 90, unit: unit}, nil
}

// box reads a rectangle, whichever two opposite corners it names.
func (u *update) box(corners Array) (box, bool) {
	if len(corners) != 4 {
		return box{}, false
	}
	var v [4]float64
	for i, corner := range corners {
		number, ok := u.doc.Number(corner)
		if !ok {
			return box{}, false
		}
		v[i] = number
	}
	made := box{math.Min(v[0], v[2]), math.Min(v[1], v[3]), math.Abs(v[2] - v[0]), math.Abs(v[3] - v[1])}
	return made, made.w > 0 && made.h > 0
}

func (b box) within(outer box) box {
	x, y := math.Max(b.x, outer.x), math.Max(b.y, outer.y)
	right, top := math.Min(b.x+b.w, outer.x+outer.w), math.Min(b.y+b.h, outer.y+outer.h)
	return box{x, y, right - x, top - y}
}

// annotate shows a widget on a page. The page's object is touched only when its list of annotations stands in it, or
// when several pages share one list, on all of which the widget would appear.
func (u *update) annotate(p page, widget Ref) error {
	dict, err := u.dict(p.ref)
	if err != nil {
		return err
	}
	list, err := u.array(dict["Annots"])
	if err != nil {
		return err
	}
	if ref, ok := dict["Annots"].(Ref); ok && list != nil {
		shared, err := u.shared(p.ref, ref)
		if err != nil {
			return err
		}
		if !shared {
			u.set(ref, append(slices.Clone(list), widget))
			return nil
		}
	}
	if dict, err = u.edit(p.ref); err != nil {
		return err
	}
	dict["Annots"] = append(slices.Clone(list), widget)
	return nil
}

func (u *update) shared(owner, list Ref) (bool, error) {
	shared := false
	err := u.doc.WalkPages(func(other Page) bool {
		shared = other.Ref != owner && other.Dict["Annots"] == Object(list)
		return !shared
	})
	return shared, err
}

// pageOf finds the page that shows a widget: the one it names, or the one that lists it.
func (u *update) pageOf(widget FieldWidget) (page, error) {
	var found *Page
	err := u.doc.WalkPages(func(candidate Page) bool {
		named := candidate.Ref == widget.Page && widget.Page != Ref{}
		list, _ := u.doc.Array(candidate.Dict["Annots"])
		if named || slices.Contains(list, Object(widget.Ref)) {
			found = &candidate
		}
		return found == nil
	})
	if err != nil {
		return page{}, err
	}
	if found == nil {
		return page{}, fmt.Errorf("widget %d is on no page: %w", widget.Ref.Number, ErrDamagedForm)
	}
	return u.displayed(*found)
}
