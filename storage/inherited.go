package storage

import (
	"context"

	"congvan/exchange"
)

// OpenRegisters gives the registers that were not closed, with the last number of each.
func (t *transaction) OpenRegisters(ctx context.Context) ([]exchange.BookEnd, error) {
	return collect(ctx, t, "select n.office, n.direction, n.book, n.year, max(n.number) from numbering n "+
		"where not exists (select 1 from closed_register c where c.office = n.office and c.direction = n.direction "+
		"and c.book = n.book and c.year = n.year) "+
		"group by n.office, n.direction, n.book, n.year order by n.office, n.direction, n.book, n.year", nil,
		func(row scanner) (end exchange.BookEnd, err error) {
			register := &end.Register
			err = row.Scan(&register.Office, &register.Direction, &register.Book, &register.Year, &end.Last)
			return end, err
		})
}

// CloseRegister records that a register was closed, once.
func (t *transaction) CloseRegister(ctx context.Context, end exchange.BookEnd) (bool, error) {
	return t.add(ctx, "insert into closed_register (office, direction, book, year, last, at) "+
		"values ($1, $2, $3, $4, $5, $6) on conflict (office, direction, book, year) do nothing",
		string(end.Register.Office), string(end.Register.Direction), end.Register.Book, int64(end.Register.Year),
		int64(end.Last), micros(end.At))
}
