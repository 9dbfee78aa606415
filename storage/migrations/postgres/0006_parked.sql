-- Indexes for the deliveries that stand still until somebody looks at them; they are few.

-- +goose Up
create index acknowledgement_refused on acknowledgement (delivery) where outcome in ('refused', 'conflict');
create index receipt_undeliverable on receipt (document) where status = 'undeliverable';
