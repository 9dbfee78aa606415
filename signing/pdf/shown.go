package pdf

import "slices"

// Shown says where the first widget of a field is shown, when it is shown at all on a page that is not turned: page,
// lower left corner and size, in millimetres.
func (d *Document) Shown(field string) (place Widget, ok bool, err error) {
	defer caught(&err)
	fields, err := d.Fields()
	if err != nil {
		return Widget{}, false, err
	}
	at := slices.IndexFunc(fields, func(f Field) bool { return f.Name == field })
	if at < 0 || len(fields[at].Widgets) == 0 {
		return Widget{}, false, nil
	}
	u, err := newUpdate(d)
	if err != nil {
		return Widget{}, false, err
	}
	widget := fields[at].Widgets[0]
	corners, err := d.Array(widget.Dict["Rect"])
	if err != nil {
		return Widget{}, false, err
	}
	drawn, visible := u.box(corners)
	on, err := u.pageOf(widget)
	if err != nil || !visible || on.rotate != 0 {
		return Widget{}, false, err
	}
	number, here := 0, 0
	err = d.WalkPages(func(page Page) bool {
		number++
		if page.Ref == on.ref {
			here = number
		}
		return here == 0
	})
	millimetres := on.unit * 25.4 / 72
	return Widget{
		Page: here, X: (drawn.x - on.crop.x) * millimetres, Y: (drawn.y - on.crop.y) * millimetres,
		Width: drawn.w * millimetres, Height: drawn.h * millimetres,
	}, here > 0, err
}
