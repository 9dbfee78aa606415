-- +goose Up
create table endorsement (
    seq   bigint  primary key,
    size  bigint  not null, -- of the log
    note  bytea   not null, -- the checkpoint with the signatures of its witnesses
    stamp bytea   not null, -- RFC 3161, over the note
    at    bigint  not null
);

create table witnessed ( -- checkpoints of other gateways that this one has signed
    seq  bigint  primary key,
    node text    not null,
    size bigint  not null,
    root text    not null,
    note bytea   not null,
    at   bigint  not null
);
create index witnessed_of_node on witnessed (node, seq);
