-- +goose Up
create table endorsement (
    seq   integer primary key,
    size  integer not null, -- of the log
    note  blob    not null, -- the checkpoint with the signatures of its witnesses
    stamp blob    not null, -- RFC 3161, over the note
    at    integer not null
);

create table witnessed ( -- checkpoints of other gateways that this one has signed
    seq  integer primary key,
    node text    not null,
    size integer not null,
    root text    not null,
    note blob    not null,
    at   integer not null
);
create index witnessed_of_node on witnessed (node, seq);
