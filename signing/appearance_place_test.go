package signing_test

import (
	"testing"

	"congvan/pages"
	"congvan/signing"
)

// officialLetter are the words that PDFium finds on a page made as Decree 30/2020 wants it, in points.
func officialLetter() []pages.Text {
	return []pages.Text{
		{Text: "ỦY BAN NHÂN DÂN XÃ HẢI HẬU ", Left: 85, Bottom: 769, Right: 286, Top: 782},
		{Text: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Left: 341, Bottom: 769, Right: 599, Top: 782},
		{Text: "Số: /UBND-VP", Left: 86, Bottom: 751, Right: 189, Top: 761},
		{Text: "Ông Nguyễn Văn An, Chủ tịch, chủ trì cuộc họp.", Left: 86, Bottom: 669, Right: 340, Top: 683},
		{Text: "Nơi nhận:", Left: 85, Bottom: 273, Right: 136, Top: 284},
		{Text: "- Như trên;", Left: 86, Bottom: 256, Right: 142, Top: 267},
		{Text: "- Lưu: VT.", Left: 86, Bottom: 241, Right: 141, Top: 250},
		{Text: "TM. ỦY BAN NHÂN DÂN", Left: 369, Bottom: 275, Right: 516, Top: 286},
		{Text: "CHỦ TỊCH", Left: 403, Bottom: 256, Right: 463, Top: 269},
		{Text: "Nguyễn Văn An", Left: 392, Bottom: 159, Right: 476, Top: 171},
	}
}

func TestTheLeaderSignsBetweenPositionAndName(t *testing.T) {
	t.Parallel()
	const millimetre = 72 / 25.4
	box, ok := signing.PlaceLeader(officialLetter(), "NGUYỄN  VĂN AN")
	if !ok {
		t.Fatal("no place was found")
	}
	if centre := (box.X + box.Width/2) * millimetre; centre < 424 || centre > 444 {
		t.Errorf("the middle is at %.0f points", centre)
	}
	if bottom, top := box.Y*millimetre, (box.Y+box.Height)*millimetre; bottom < 171 || top > 256 || top-bottom < 50 {
		t.Errorf("from %.0f to %.0f points", bottom, top)
	}
	inWords := append(officialLetter(), pages.Text{Text: "Văn An", Left: 440, Bottom: 160, Right: 476, Top: 171})
	inWords[9].Text, inWords[9].Right = "Nguyễn", 436
	if again, ok := signing.PlaceLeader(inWords, "Nguyễn Văn An"); !ok || again.Y != box.Y {
		t.Errorf("with the name in two runs: %+v, %v", again, ok)
	}
}

func TestThereIsNoPlaceForWhoIsNotTheSignatory(t *testing.T) {
	t.Parallel()
	cramped := officialLetter()
	cramped[9].Bottom, cramped[9].Top = 240, 252
	lower := officialLetter()
	lower[8].Text, lower[7].Text = "Chủ tịch", "Thay mặt"
	for name, tc := range map[string]struct {
		texts  []pages.Text
		leader string
	}{
		"another name": {officialLetter(), "Trần Thị Bình"}, "no name": {officialLetter(), " "}, "no words": {nil, "An"},
		"only in the text": {officialLetter()[:7], "Nguyễn Văn An"}, "no position above": {lower, "Nguyễn Văn An"},
	} {
		if box, ok := signing.PlaceLeader(tc.texts, tc.leader); ok {
			t.Errorf("%s: %+v", name, box)
		}
	}
	if box, ok := signing.PlaceLeader(cramped, "Nguyễn Văn An"); ok && box.Height < 5 {
		t.Errorf("no room: %+v", box)
	}
}
