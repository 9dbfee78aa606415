package storagetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"congvan/exchange"
)

// subjects are what offices write; the search stories name them by their place in this list.
func subjects() []string {
	return []string{
		"Về việc thu hồi đất để mở rộng đường Nguyễn Đình Chiểu",                // 0
		"Kế hoạch phòng, chống bão lụt năm 2026",                                // 1
		norm.NFD.String("Quyết định phê duyệt đề án chuyển đổi số"),             // 2, decomposed
		"Đề nghị bổ sung biên chế cho trường Tiểu học Hoà Bình",                 // 3
		"Giấy mời họp về bàn giao mặt bằng dự án đường vành đai 4",              // 4
		"Báo cáo tình hình bản đồ địa chính xã Đông Đô",                         // 5
		"THÔNG BÁO KẾT LUẬN CUỘC HỌP GIAO BAN THÁNG 3",                          // 6
		"Trả lời Công văn số 45/2024/QĐ-UBND ngày 12/3/2024",                    // 7
		"Uỷ quyền ký hợp đồng; hòa giải tranh chấp đất đai",                     // 8
		strings.Repeat("Phụ lục dài ", 200) + "kết thúc bằng từ nghiêngngả",     // 9
		"Ngoại lệ: dấu nháy ' và \" và * và : và & và | và ( và ) và \\ và AND", // 10
	}
}

// questions are searches and what they must find, the newest first, on every engine.
func questions() map[string][]int {
	return map[string][]int{
		"thu hồi đất":                     {0},
		"thu hoi dat":                     {0},
		"THU HỒI":                         {0},
		"dat":                             {8, 0},
		"đất":                             {8, 0},
		"duong":                           {4, 0},
		"đường":                           {4, 0},
		"quyet dinh":                      {2},
		"quyết định":                      {2},
		norm.NFD.String("quyết định"):     {2},
		"de nghi":                         {3},
		"đề":                              {3, 2, 0},
		"hòa":                             {8, 3, 1},
		"hoà":                             {8, 3, 1},
		"hoa binh":                        {3},
		"bàn giao":                        {6, 4},
		"ban do":                          {5},
		"họp tháng 3":                     {6},
		"chieu nguyen":                    {0},
		"chi":                             {5, 0},
		"45/2024/QĐ-UBND":                 {7},
		"2024":                            {7},
		"45 ubnd qd":                      {7},
		"nghiêngngả":                      {9},
		"nghieng":                         {9},
		"dai":                             {9, 8, 4},
		"không có từ này":                 nil,
		"thu hoi bao":                     nil,
		"và":                              {10, 7, 4},
		"AND":                             {10},
		"OR":                              nil,
		"NEAR":                            nil,
		`"thu" OR "bao"`:                  nil,
		"thu*":                            {9, 0},
		"subject:thu":                     nil,
		"thu' or '1'='1":                  nil,
		`\ : & | ! ( ) ' " * ^ - + <-> %`: {10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
		"   ":                             {10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
		"_":                               {10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
		"phụ lục":                         {9},
	}
}

func search(t *testing.T, s *story) {
	t.Helper()
	for n, subject := range subjects() {
		document, arrival := Document(Commune, n), Arrival(Commune, n)
		document.Subject, arrival.Header.Subject = subject, subject
		document.Kind, arrival.Header.Kind = "", ""
		document.Signatory, arrival.Header.Signatory = exchange.Signatory{}, exchange.Signatory{}
		arrival.Header.FromName, arrival.Header.Numbering = "", exchange.Numbering{}
		s.add(t, document)
		s.arrive(t, arrival)
		other := Document(Province, 100+n) // the same words at another office
		other.Subject = subject
		s.add(t, other)
	}
	for question, want := range questions() {
		var documents []exchange.DocumentID
		var arrivals []exchange.DocumentID
		for _, n := range want {
			documents = append(documents, Document(Commune, n).ID)
			arrivals = append(arrivals, Arrival(Commune, n).Document)
		}
		equal(t, fmt.Sprintf("documents for %q", question), s.searchDocuments(t, question), documents)
		equal(t, fmt.Sprintf("arrivals for %q", question), s.searchArrivals(t, question), arrivals)
	}
}

func (s *story) searchDocuments(t *testing.T, question string) (ids []exchange.DocumentID) {
	t.Helper()
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		found, err := tx.Documents(ctx, Commune, exchange.Page{Limit: 200, Search: question})
		for _, document := range found {
			ids = append(ids, document.ID)
		}
		return err
	})
	return ids
}

func (s *story) searchArrivals(t *testing.T, question string) (ids []exchange.DocumentID) {
	t.Helper()
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		found, err := tx.Arrivals(ctx, Commune, exchange.Page{Limit: 200, Search: question})
		for _, arrival := range found {
			ids = append(ids, arrival.Document)
		}
		return err
	})
	return ids
}

func searchNumbers(t *testing.T, s *story) {
	t.Helper()
	document, arrival := Document(Commune, 1), Arrival(Commune, 2)
	s.add(t, document)
	s.arrive(t, arrival)
	equal(t, "before", len(s.searchDocuments(t, "1/STP-TTr")), 0)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		out := exchange.Register{Office: Commune, Direction: exchange.Outgoing, Book: "VB", Year: 2026}
		in := exchange.Register{Office: Commune, Direction: exchange.Incoming, Book: "VB", Year: 2026}
		if _, err := tx.TakeNumber(ctx, out, string(document.ID), "STP-TTr", "2026-03-02"); err != nil {
			return err
		}
		_, err := tx.TakeNumber(ctx, in, string(arrival.ID), "CVĐ", "2026-03-09")
		return err
	})
	for _, question := range []string{"1/STP-TTr", "01/STP-TTr", "stp ttr", "thu hoi stp", "2026-03-02"} {
		equal(t, question, s.searchDocuments(t, question), []exchange.DocumentID{document.ID})
	}
	for _, question := range []string{"cvđ", "thu hoi cvd", "2026-03-09", "dong do", "3/QĐ-UBND", "03/qd-ubnd"} {
		equal(t, question, s.searchArrivals(t, question), []exchange.DocumentID{arrival.Document})
	}
}

func pages(t *testing.T, s *story) {
	t.Helper()
	const count = 57
	var documents, arrivals []string // the newest first
	for n := range count {
		document, arrival := Document(Commune, n), Arrival(Commune, n)
		s.add(t, document, Document(Province, 1000+n))
		s.arrive(t, arrival)
		documents = append([]string{string(document.ID)}, documents...)
		arrivals = append([]string{string(arrival.ID)}, arrivals...)
	}
	for _, question := range []string{"", "thu hồi đất"} {
		for _, limit := range []int{1, 10, 57, 200} {
			what := fmt.Sprintf("pages of %d for %q", limit, question)
			page := exchange.Page{Limit: limit, Search: question}
			equal(t, "documents, "+what, walk(page, s.documentPage(t)), documents)
			equal(t, "arrivals, "+what, walk(page, s.arrivalPage(t)), arrivals)
		}
	}
}

func (s *story) documentPage(t *testing.T) func(page exchange.Page) (ids []string) {
	t.Helper()
	return func(page exchange.Page) (ids []string) {
		s.view(t, func(ctx context.Context, tx exchange.Tx) error {
			found, err := tx.Documents(ctx, Commune, page)
			for _, document := range found {
				ids = append(ids, string(document.ID))
			}
			return err
		})
		return ids
	}
}

func (s *story) arrivalPage(t *testing.T) func(page exchange.Page) (ids []string) {
	t.Helper()
	return func(page exchange.Page) (ids []string) {
		s.view(t, func(ctx context.Context, tx exchange.Tx) error {
			found, err := tx.Arrivals(ctx, Commune, page)
			for _, arrival := range found {
				ids = append(ids, string(arrival.ID))
			}
			return err
		})
		return ids
	}
}

// walk reads page after page until one is not full.
func walk(page exchange.Page, read func(page exchange.Page) []string) (all []string) {
	for {
		ids := read(page)
		if all = append(all, ids...); len(ids) < page.Limit {
			return all
		}
		page.After = ids[len(ids)-1]
	}
}

func wrongPages(t *testing.T, s *story) {
	t.Helper()
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		for code, page := range map[string]exchange.Page{
			"page.limit":  {Limit: 0},
			"page.cursor": {Limit: 1, After: "unknown"},
			"page.search": {Limit: 1, Search: "a b c d e f g h i k l m n o p q r s t u v x y"},
		} {
			_, err := tx.Documents(ctx, Commune, page)
			refused(t, err, exchange.Invalid, code)
			_, err = tx.Arrivals(ctx, Commune, page)
			refused(t, err, exchange.Invalid, code)
		}
		_, err := tx.Documents(ctx, Commune, exchange.Page{Limit: 201})
		refused(t, err, exchange.Invalid, "page.limit")
		return nil
	})
}
