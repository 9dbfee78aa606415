package storage

import (
	"context"
	"math/bits"

	"github.com/jackc/pgx/v5"
)

// shardSession is the session of PostgreSQL whose locks are the shards. One goroutine uses it.
type shardSession struct {
	conn  *pgx.Conn
	owned uint64
}

// Locks and hints are those of the schema: several gateways may share one database. A lock has two numbers: what it is
// for in this schema, and which shard or, for the presence of an instance, the number of its session.
const (
	shardLocks    = "hashtext('congvan.shard.' || current_schema())"
	presenceLocks = "hashtext('congvan.instance.' || current_schema())"
	shardChannel  = "'congvan_' || md5(current_schema())"
	// heldLocks are all that are granted of one kind.
	heldLocks = "from pg_locks where locktype = 'advisory' and granted and objsubid = 2 and " +
		"database = (select oid from pg_database where datname = current_database()) and classid::bigint = "
)

// asUnsigned gives a number as pg_locks shows it.
func asUnsigned(number string) string { return "(" + number + "::bigint & 4294967295)" }

// shardSettings let the server end a session whose instance hangs or whose machine is gone. Those that a server does
// not know are left out.
const shardSettings = "select set_config(name, case name when 'idle_session_timeout' then '" + longestSilence +
	"' when 'tcp_user_timeout' then '" + longestSilence + "' when 'tcp_keepalives_count' then '3' else '1' end, false) " +
	"from pg_settings where name in ('idle_session_timeout', 'tcp_user_timeout', 'tcp_keepalives_count', " +
	"'tcp_keepalives_idle', 'tcp_keepalives_interval')"

func openShardSession(ctx context.Context, dsn string) (*shardSession, error) {
	bounded, cancel := context.WithTimeout(ctx, 3*balanceEvery)
	defer cancel()
	conn, err := pgx.Connect(bounded, dsn)
	if err != nil {
		return nil, err
	}
	holder := &shardSession{conn: conn}
	var channel string
	err = conn.QueryRow(bounded, "select "+shardChannel).Scan(&channel)
	for _, statement := range []string{
		shardSettings, "listen " + pgx.Identifier{channel}.Sanitize(),
		"select pg_advisory_lock(" + presenceLocks + ", pg_backend_pid())",
	} {
		if err == nil {
			_, err = conn.Exec(bounded, statement)
		}
	}
	if err != nil {
		holder.close(ctx)
		return nil, err
	}
	return holder, nil
}

func (h *shardSession) close(ctx context.Context) { closeConn(ctx, h.conn) }

// balance gives up what is more than a fair share and takes what is free up to it, and gives what is owned then.
func (h *shardSession) balance(ctx context.Context) (uint64, error) {
	bounded, cancel := context.WithTimeout(ctx, 2*balanceEvery)
	defer cancel()
	var instances int
	err := h.conn.QueryRow(bounded, "select count(*) "+heldLocks+asUnsigned(presenceLocks)).Scan(&instances)
	if err != nil {
		return 0, err
	}
	instances = max(1, instances)
	fair := (shardCount + instances - 1) / instances
	for shard := range shardCount {
		if bits.OnesCount64(h.owned) <= fair {
			break
		}
		if h.owned&(1<<shard) == 0 {
			continue
		}
		if _, err := h.conn.Exec(bounded, "select pg_advisory_unlock("+shardLocks+", $1::int)", shard); err != nil {
			return 0, err
		}
		h.owned &^= 1 << shard
	}
	if wanted := fair - bits.OnesCount64(h.owned); wanted > 0 {
		err = h.take(bounded, wanted)
	}
	return h.owned, err
}

// take owns as many of the free shards as it can get.
func (h *shardSession) take(ctx context.Context, wanted int) error {
	rows, err := h.conn.Query(ctx, "with free as materialized (select s "+
		"from generate_series(0, $1::int) s where s not in (select objid::bigint "+heldLocks+asUnsigned(shardLocks)+
		") order by random() limit $2) "+
		"select s, pg_try_advisory_lock("+shardLocks+", s) from free", shardCount-1, wanted)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var shard int
		var got bool
		if err := rows.Scan(&shard, &got); err != nil {
			return err
		}
		if got {
			h.owned |= 1 << shard
		}
	}
	return rows.Err()
}

// listen passes on the hints of other instances until it is time to balance again.
func (h *shardSession) listen(ctx context.Context, hear func(string)) error {
	bounded, cancel := context.WithTimeout(ctx, balanceEvery)
	defer cancel()
	for {
		hint, err := h.conn.WaitForNotification(bounded)
		switch {
		case err == nil:
			hear(hint.Payload)
		case isPause(err) && ctx.Err() == nil:
			return nil
		default:
			return err
		}
	}
}
