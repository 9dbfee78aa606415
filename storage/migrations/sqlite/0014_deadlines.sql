-- What package remind needs: indexes of what has something left to do and of a period, and the reminders given, which
-- are facts. The list of what is watched can be made again: empty both of its tables.

-- +goose Up
alter table arrival add column replies_to text not null default '';
update arrival set replies_to = coalesce(json_extract(header, '$.replies_to'), '');
create index arrival_answering on arrival (office, replies_to) where replies_to <> '';
create index document_answering on document (office, replies_to) where replies_to <> '';
create index arrival_by_time on arrival (office, arrived_at, id);
create index document_by_time on document (office, created_at, id);

create table watched (
    subject text    primary key, -- a document or an arrival
    side    text    not null,
    office  text    not null,
    look_at integer not null,
    due     integer not null -- 0: nothing is due yet
);
create index watched_by_look on watched (look_at, subject);
create index watched_by_due on watched (office, due, subject) where due > 0;

create table watched_until ( -- how far documents and arrivals have come onto that list
    side text    primary key,
    seq  integer not null
);

create table reminded (
    subject  text    not null,
    duty     text    not null,
    step     text    not null,
    side     text    not null,
    document text    not null,
    office   text    not null,
    due      integer not null,
    at       integer not null,
    primary key (subject, duty, step)
);
create index reminded_by_time on reminded (office, at);
