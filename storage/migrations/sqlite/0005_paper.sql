-- Appendices in files of their own are sealed with the main file, copies point to their originals, and levels that were
-- owed when a document was sealed are reached later, also by the archive, which keeps its own longer file.

-- +goose Up
alter table version add column attachments text not null default 'null'; -- JSON, null: as they were before
alter table version add column owed text not null default ''; -- the level that could not be reached
create index version_owing on version (document) where owed <> '';

alter table document add column copy_of text not null default 'null'; -- JSON, null for what is no copy

create table kept ( -- the archive's file of a document; each row extends the one before, the first is as it was filed
    office   text    not null,
    document text    not null,
    ordinal  integer not null,
    file     text    not null, -- JSON
    level    text    not null,
    at       integer not null,
    primary key (office, document, ordinal)
);

create table kept_due ( -- an index: when the last of them is to be raised or renewed
    office   text    not null,
    document text    not null,
    due      integer not null,
    primary key (office, document)
);
create index kept_by_due on kept_due (due);
