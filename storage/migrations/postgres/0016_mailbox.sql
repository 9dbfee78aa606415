-- +goose Up
create table mailbox ( -- where the document systems of an office stand; no facts
    office     text    not null,
    system     text    not null,
    orders     text    not null, -- JSON
    secrets    text    not null, -- JSON, sealed
    pushed     bigint not null, -- 1: by webhook or into a folder, and not paused
    position   bigint not null, -- the first line of the log that was not looked at yet
    created_at bigint not null,
    handed_at  bigint not null,
    code       text    not null, -- of the trouble with pushing
    detail     text    not null,
    failures   bigint not null,
    failed_at  bigint not null,
    next_at    bigint not null,
    primary key (office, system)
);

create table mailbox_pending ( -- lines of the log that were given and not acknowledged, or wait
    office     text    not null,
    system     text    not null,
    leaf_index bigint not null,
    document   text    not null,
    until      bigint not null,
    tries      bigint not null,
    primary key (office, system, leaf_index)
);

create table handed_over ( -- facts: lines of the log that a system has acknowledged
    office     text    not null,
    system     text    not null,
    leaf_index bigint not null,
    at         bigint not null,
    primary key (office, system, leaf_index)
);

create index log_of_office on log (office, leaf_index);
