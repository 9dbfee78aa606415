package storage

import (
	"context"
	"fmt"
)

// AddDirectoryRecord keeps a sealed record of the directory's log at its place.
func (t *transaction) AddDirectoryRecord(ctx context.Context, index int64, sealed []byte) error {
	added, err := t.add(ctx, "insert into directory_record (place, sealed) values ($1, $2) "+
		"on conflict (place) do nothing", index, binary(sealed))
	if err == nil && !added {
		err = conflict("directory.moved", fmt.Sprintf("place %d", index))
	}
	return err
}

// DirectoryRecords gives sealed records of the directory's log from a place on.
func (t *transaction) DirectoryRecords(ctx context.Context, from int64, limit int) ([][]byte, error) {
	return collect(ctx, t, "select sealed from directory_record where place >= $1 order by place limit $2",
		[]any{from, int64(limit)}, func(row scanner) (sealed []byte, err error) {
			err = row.Scan(&sealed)
			return sealed, err
		})
}
