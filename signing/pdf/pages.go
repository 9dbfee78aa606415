package pdf

import (
	"errors"
	"fmt"
)

// Page is one page with what it inherits from the page tree.
type Page struct {
	Ref       Ref // zero when the page is not an indirect object
	Dict      Dict
	MediaBox  Array
	CropBox   Array // as MediaBox when there is none
	Rotate    int   // 0, 90, 180 or 270, clockwise
	Resources Object
}

// PageCount walks the page tree and counts its pages.
func (d *Document) PageCount() (int, error) {
	count := 0
	err := d.WalkPages(func(Page) bool { count++; return true })
	return count, err
}

// Pages are all pages in order. For a document of unknown size WalkPages needs less memory.
func (d *Document) Pages() ([]Page, error) {
	var pages []Page
	err := d.WalkPages(func(page Page) bool { pages = append(pages, page); return true })
	return pages, err
}

// Page is one page: 1 is the first, -1 the last. It fails with ErrNoPage when there is no such page. Parts of the tree
// that do not hold the page are passed over by their /Count.
func (d *Document) Page(number int) (page Page, err error) {
	defer caught(&err)
	if number < 0 {
		count, err := d.PageCount()
		if err != nil {
			return Page{}, err
		}
		number += count + 1
	}
	if number < 1 {
		return Page{}, ErrNoPage
	}
	walk := d.newPageWalk(func(found Page) bool { page = found; return false })
	walk.skip = number - 1
	if err := walk.root(); err != nil {
		return Page{}, err
	}
	if page.Dict == nil {
		return Page{}, ErrNoPage
	}
	return page, nil
}

// WalkPages calls visit for every page in order until it returns false.
func (d *Document) WalkPages(visit func(Page) bool) (err error) {
	defer caught(&err)
	return d.newPageWalk(visit).root()
}

// pageWalk walks the page tree. A node that is met twice is a cycle or a tree that is none, which readers see
// differently: it is refused. A page may be there twice.
type pageWalk struct {
	doc   *Document
	visit func(Page) bool
	seen  map[Ref]bool
	skip  int // pages to pass over
	done  bool
}

func (d *Document) newPageWalk(visit func(Page) bool) *pageWalk {
	return &pageWalk{doc: d, visit: visit, seen: map[Ref]bool{}}
}

func (w *pageWalk) root() error {
	catalog, err := w.doc.Catalog()
	if err != nil {
		return err
	}
	if catalog["Pages"] == nil {
		return fmt.Errorf("no /Pages: %w", ErrDamagedPages)
	}
	return w.node(catalog["Pages"], Page{}, 0)
}

func (w *pageWalk) node(value Object, above Page, depth int) error {
	ref, _ := value.(Ref)
	if depth > w.doc.limits.Depth || len(w.seen) > w.doc.limits.Entries {
		return fmt.Errorf("page tree: %w", ErrTooComplex)
	}
	dict, err := w.doc.Dict(value)
	if err != nil {
		return w.bad(ref, err)
	}
	if dict == nil {
		return nil // null is no page
	}
	here, err := w.inherit(above, ref, dict)
	if err != nil {
		return w.bad(ref, err)
	}
	kids, isNode := dict["Kids"]
	if !isNode || dict["Type"] == Name("Page") {
		return w.leaf(here)
	}
	if w.seen[ref] && ref != (Ref{}) {
		return fmt.Errorf("page node %d is there twice: %w", ref.Number, ErrDamagedPages)
	}
	w.seen[ref] = true
	return w.kids(kids, here, depth)
}

func (*pageWalk) bad(ref Ref, err error) error {
	if errors.Is(err, ErrDamagedObject) {
		err = fmt.Errorf("%w: %w", ErrDamagedPages, err)
	}
	return fmt.Errorf("page node %d: %w", ref.Number, err)
}

func (w *pageWalk) leaf(page Page) error {
	if w.skip > 0 {
		w.skip--
		return nil
	}
	w.done = !w.visit(page)
	return nil
}

func (w *pageWalk) kids(value Object, here Page, depth int) error {
	if count, ok := w.doc.Integer(here.Dict["Count"]); ok && count > 0 && depth > 0 && count <= int64(w.skip) {
		w.skip -= int(count)
		return nil
	}
	kids, err := w.doc.Array(value)
	if err != nil {
		return w.bad(here.Ref, err)
	}
	for _, kid := range kids {
		if err := w.node(kid, here, depth+1); err != nil || w.done {
			return err
		}
	}
	return nil
}

// inherit puts a node's own attributes over those from above (ISO 32000-1, 7.7.3.4).
func (w *pageWalk) inherit(above Page, ref Ref, dict Dict) (Page, error) {
	here := above
	here.Ref, here.Dict = ref, dict
	if dict["Resources"] != nil {
		here.Resources = dict["Resources"]
	}
	var err error
	if dict["MediaBox"] != nil {
		if here.MediaBox, err = w.doc.Array(dict["MediaBox"]); err != nil {
			return here, err
		}
	}
	if dict["CropBox"] != nil {
		if here.CropBox, err = w.doc.Array(dict["CropBox"]); err != nil {
			return here, err
		}
	}
	if here.CropBox == nil {
		here.CropBox = here.MediaBox
	}
	if angle, ok := w.doc.Integer(dict["Rotate"]); ok {
		here.Rotate = int((angle%360 + 360) % 360)
	}
	return here, nil
}
