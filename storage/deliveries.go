package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"congvan/exchange"
)

const codeNoMessage = "message.not_found"

// AddMessage records a message, or gives the one that has its id.
func (t *transaction) AddMessage(
	ctx context.Context, message exchange.Message,
) (stored exchange.Message, known bool, err error) {
	added, err := t.add(ctx, "insert into message (id, kind, origin, sealed, at) values ($1, $2, $3, $4, $5) "+
		"on conflict (id) do nothing",
		string(message.ID), string(message.Kind), string(message.Origin), binary(message.Sealed), micros(message.At))
	if err != nil {
		return exchange.Message{}, false, err
	}
	t.message = message.ID
	if added {
		message.At = moment(micros(message.At))
		return message, false, nil
	}
	stored, err = t.Message(ctx, message.ID)
	return stored, err == nil, err
}

// Message gives a message. Messages are the gateway's and belong to no office.
func (t *transaction) Message(ctx context.Context, id exchange.MessageID) (exchange.Message, error) {
	var message exchange.Message
	found, err := t.one(ctx, "select id, kind, origin, sealed, at from message where id = $1", []any{string(id)},
		&message.ID, &message.Kind, &message.Origin, &message.Sealed, timeColumn{&message.At})
	if err == nil && !found {
		err = notFound(codeNoMessage, id)
	}
	return message, err
}

// chunks are the numbers of rows that are written by one statement, so that the statements prepared for them are few.
// They are small because the driver of SQLite looks each argument's name up in a list.
var chunks = [...]int{16, 4, 1}

// fewDeliveries are written and owed by one statement where that saves journeys; for more the journeys do not count.
const fewDeliveries = 100

// AddDeliveries records duties to deliver messages that are there. They get numbers that grow in the order in which
// they are committed.
func (t *transaction) AddDeliveries(ctx context.Context, deliveries []exchange.Delivery) error {
	if err := t.messagesKnown(ctx, deliveries); err != nil || len(deliveries) == 0 {
		return err
	}
	if t.engine.few != "" && len(deliveries) <= fewDeliveries {
		return t.addArrays(ctx, t.engine.few, deliveries)
	}
	var last int64
	if _, err := t.one(ctx, "select coalesce(max(id), 0) from delivery", nil, &last); err != nil {
		return err
	}
	before := last
	if t.engine.arrays != "" {
		if err := t.addArrays(ctx, t.engine.arrays, deliveries, last); err != nil {
			return err
		}
		last += int64(len(deliveries))
		deliveries = nil
	}
	for _, size := range chunks {
		for len(deliveries) >= size {
			if err := t.addDeliveries(ctx, last, deliveries[:size]); err != nil {
				return err
			}
			last += int64(size)
			deliveries = deliveries[size:]
		}
	}
	_, err := t.exec(ctx, "insert into owed (node, rank, delivery) "+
		"select node, -lane, id from delivery where id > $1 and id <= $2", before, last)
	return err
}

// messagesKnown looks once for each message, where a foreign key would look once for each of ten thousand deliveries.
func (t *transaction) messagesKnown(ctx context.Context, deliveries []exchange.Delivery) error {
	last := t.message
	for _, delivery := range deliveries {
		if delivery.Message == last {
			continue
		}
		last = delivery.Message
		known, err := t.exists(ctx, "select 1 from message where id = $1", string(last))
		if err != nil {
			return err
		}
		if !known {
			return notFound(codeNoMessage, last)
		}
	}
	return nil
}

func (t *transaction) addDeliveries(ctx context.Context, last int64, deliveries []exchange.Delivery) error {
	var facts []any
	for i, delivery := range deliveries {
		id := last + 1 + int64(i)
		facts = append(facts, id, string(delivery.Message), string(delivery.To), string(delivery.Node),
			int64(delivery.Lane), micros(delivery.At))
	}
	_, err := t.exec(ctx, "insert into delivery (id, message, to_office, node, lane, at) values "+
		rows(len(deliveries), 6), facts...)
	return err
}

// addArrays writes all deliveries in one journey to the server. The statement is as short for ten thousand as for one.
func (t *transaction) addArrays(ctx context.Context, text string, deliveries []exchange.Delivery, last ...any) error {
	var messages, offices, nodes []string
	var lanes, moments []int64
	for _, delivery := range deliveries {
		messages = append(messages, string(delivery.Message))
		offices = append(offices, string(delivery.To))
		nodes = append(nodes, string(delivery.Node))
		lanes = append(lanes, int64(delivery.Lane))
		moments = append(moments, micros(delivery.At))
	}
	_, err := t.exec(ctx, text, append([]any{messages, offices, nodes, lanes, moments}, last...)...)
	return err
}

// rows gives "($1, …), ($4, …)" for so many rows of so many columns.
func rows(count, columns int) string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = placeholders(1+i*columns, columns)
	}
	return strings.Join(texts, ", ")
}

const deliveryColumns = "d.id, d.message, d.to_office, d.node, d.lane, d.at"

// Owed gives deliveries without acknowledgement, as the index owed has them: an anti-join would read all history.
func (t *transaction) Owed(ctx context.Context, node exchange.NodeID, limit int) ([]exchange.Delivery, error) {
	return collect(ctx, t, "select "+deliveryColumns+" from owed o join delivery d on d.id = o.delivery "+
		"where o.node = $1 order by o.rank, o.delivery limit $2", []any{string(node), int64(limit)},
		func(row scanner) (delivery exchange.Delivery, err error) {
			err = row.Scan(deliveryFields(&delivery)...)
			return delivery, err
		})
}

func deliveryFields(delivery *exchange.Delivery) []any {
	return []any{
		&delivery.ID, &delivery.Message, &delivery.To, &delivery.Node, &delivery.Lane, timeColumn{&delivery.At},
	}
}

// OwedNodes gives the nodes to which something is owed, in the order of their names. It steps from node to node,
// however much is owed to each.
func (t *transaction) OwedNodes(ctx context.Context) ([]exchange.NodeID, error) {
	nodes, err := collect(ctx, t, "with recursive next (node) as (select min(node) from owed union all "+
		"select (select min(o.node) from owed o where o.node > next.node) from next where next.node is not null) "+
		"select node from next where node is not null", nil,
		func(row scanner) (node exchange.NodeID, err error) {
			err = row.Scan(&node)
			return node, err
		})
	slices.Sort(nodes) // databases order text differently
	return nodes, err
}

// Acknowledge ends a delivery, once and for all.
func (t *transaction) Acknowledge(ctx context.Context, delivery int64, answer exchange.Acknowledgement) error {
	switch answer.Outcome {
	case exchange.Taken, exchange.Duplicate, exchange.Rejected, exchange.Clash, exchange.Moved:
	case exchange.Held, exchange.Later, exchange.Missing:
		return fmt.Errorf("delivery %d: %q does not end it", delivery, answer.Outcome)
	default:
		return fmt.Errorf("delivery %d: unknown outcome %q", delivery, answer.Outcome)
	}
	written, err := t.exec(ctx, "insert into acknowledgement (delivery, outcome, code, receipt, at) "+
		"select id, $2, $3, $4, $5 from delivery where id = $1 on conflict (delivery) do nothing",
		delivery, string(answer.Outcome), answer.Code, binary(answer.Receipt), micros(answer.At))
	if err != nil {
		return err
	}
	if written == 0 {
		return t.acknowledged(ctx, delivery)
	}
	_, err = t.exec(ctx, "delete from owed where delivery = $1 and node = (select node from delivery where id = $1) "+
		"and rank = (select -lane from delivery where id = $1)", delivery)
	return err
}

// acknowledged is an error unless the delivery has its answer already.
func (t *transaction) acknowledged(ctx context.Context, delivery int64) error {
	var known int64
	found, err := t.one(ctx, "select delivery from acknowledgement where delivery = $1", []any{delivery}, &known)
	if err == nil && !found {
		err = notFound("delivery.not_found", delivery)
	}
	return err
}

// Deliveries gives all deliveries of a message, the oldest first.
func (t *transaction) Deliveries(ctx context.Context, id exchange.MessageID) ([]exchange.DeliveryState, error) {
	return collect(ctx, t, "select "+deliveryColumns+", a.outcome, a.code, a.receipt, a.at "+
		"from delivery d left join acknowledgement a on a.delivery = d.id where d.message = $1 order by d.id",
		[]any{string(id)}, scanDeliveryState)
}

// Refusals gives the documents of the office of which something was refused. Their ids are in the order in which they
// were made.
func (t *transaction) Refusals(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.DocumentID, error) {
	return collect(ctx, t, "select id from document where office = $1 and ($2 = '' or id < $2) and id in ("+
		"select d.message from acknowledgement a join delivery d on d.id = a.delivery "+
		"where a.outcome in ('refused', 'conflict') "+
		"union select document from receipt where status = 'undeliverable') order by id desc limit $3",
		[]any{string(office), page.After, int64(page.Limit)},
		func(row scanner) (id exchange.DocumentID, err error) {
			err = row.Scan(&id)
			return id, err
		})
}

func scanDeliveryState(row scanner) (state exchange.DeliveryState, err error) {
	var outcome, code sql.NullString
	var answer exchange.Acknowledgement
	err = row.Scan(append(deliveryFields(&state.Delivery), &outcome, &code, &answer.Receipt, timeColumn{&answer.At})...)
	if err == nil && outcome.Valid {
		answer.Outcome, answer.Code = exchange.Outcome(outcome.String), code.String
		answer.Receipt = orNil(answer.Receipt)
		state.Acknowledgement = &answer
	}
	return state, err
}

// orNil makes stored bytes what they were: nothing is nil.
func orNil(stored []byte) []byte {
	if len(stored) == 0 {
		return nil
	}
	return stored
}
