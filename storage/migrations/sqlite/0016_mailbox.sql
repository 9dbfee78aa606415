-- +goose Up
create table mailbox ( -- where the document systems of an office stand; no facts
    office     text    not null,
    system     text    not null,
    orders     text    not null, -- JSON
    secrets    text    not null, -- JSON, sealed
    pushed     integer not null, -- 1: by webhook or into a folder, and not paused
    position   integer not null, -- the first line of the log that was not looked at yet
    created_at integer not null,
    handed_at  integer not null,
    code       text    not null, -- of the trouble with pushing
    detail     text    not null,
    failures   integer not null,
    failed_at  integer not null,
    next_at    integer not null,
    primary key (office, system)
);

create table mailbox_pending ( -- lines of the log that were given and not acknowledged, or wait
    office     text    not null,
    system     text    not null,
    leaf_index integer not null,
    document   text    not null,
    until      integer not null,
    tries      integer not null,
    primary key (office, system, leaf_index)
);

create table handed_over ( -- facts: lines of the log that a system has acknowledged
    office     text    not null,
    system     text    not null,
    leaf_index integer not null,
    at         integer not null,
    primary key (office, system, leaf_index)
);

create index log_of_office on log (office, leaf_index);
