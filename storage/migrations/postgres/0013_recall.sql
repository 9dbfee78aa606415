-- Recalls, replacements and answers: what was shown, what was withdrawn, what was said after sending, what names what.

-- +goose Up
alter table document add column replaces text not null default 'null'; -- JSON

create table shown (
    arrival text    primary key references arrival (id),
    at      bigint  not null,
    by_whom text    not null
);
-- What was there before this release was in every list: it counts as shown when it arrived.
insert into shown (arrival, at, by_whom) select id, arrived_at, '' from arrival;

create table withdrawn (
    arrival text    primary key references arrival (id),
    at      bigint  not null
);

create table notice (
    seq      bigint  primary key,
    id       text    not null unique,
    document text    not null,
    content  text    not null -- JSON
);
create index notice_of_document on notice (document, seq);

create table heeded (
    notice text not null references notice (id),
    office text not null,
    primary key (notice, office)
);

create table tie (
    seq         bigint  primary key,
    kind        text    not null,
    source      text    not null,
    target      text    not null,
    from_office text    not null,
    unique (source, kind, target)
);
create index tie_of_target on tie (target, seq);
