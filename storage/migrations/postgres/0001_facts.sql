-- The facts of a gateway. Rows are added and never changed; the only tables that are not facts are the indexes at the
-- end, which can be made again from the facts. Times are microseconds since 1970, UTC; 0 means none. The seq of a row
-- is the order in which it was committed.

-- +goose Up
create table document (
    seq         bigint  primary key,
    id          text    not null unique,
    office      text    not null,
    kind        text    not null,
    subject     text    not null,
    urgency     bigint  not null,
    secrecy     text    not null,
    unit        text    not null,
    placement   text    not null, -- JSON, null where the law's own place is meant
    signatory   text    not null, -- JSON
    recipients  text    not null, -- JSON
    replies_to  text    not null,
    due_on      text    not null,
    attachments text    not null, -- JSON
    created_at  bigint  not null,
    created_by  text    not null
);
create index document_of_office on document (office, seq);

create table version (
    document text    not null references document (id),
    ordinal  bigint  not null,
    step     text    not null,
    file     text    not null, -- JSON
    at       bigint  not null,
    by_whom  text    not null,
    primary key (document, ordinal)
);

create table numbering (
    subject   text    primary key, -- a document or an arrival
    office    text    not null,
    direction text    not null,
    book      text    not null,
    year      bigint  not null,
    number    bigint  not null,
    notation  text    not null,
    on_date   text    not null,
    unique (office, direction, book, year, number)
);

create table issued (
    document text    primary key references document (id),
    at       bigint  not null
);

create table message (
    id     text    primary key,
    kind   text    not null,
    origin text    not null,
    sealed bytea   not null,
    at     bigint  not null
);

create table delivery (
    id        bigint  primary key,
    message   text    not null, -- that is there: AddDeliveries looks once for all of them
    to_office text    not null,
    node      text    not null,
    lane      bigint  not null,
    at        bigint  not null
);
create index delivery_of_message on delivery (message, id);

create table acknowledgement (
    delivery bigint  primary key references delivery (id),
    outcome  text    not null,
    code     text    not null,
    receipt  bytea   not null,
    at       bigint  not null
);

create table arrival (
    seq        bigint  primary key,
    id         text    not null unique,
    office     text    not null,
    document   text    not null,
    header     text    not null, -- JSON
    arrived_at bigint  not null,
    unique (document, office)
);
create index arrival_of_office on arrival (office, seq);

create table judgement (
    arrival text    not null references arrival (id),
    ordinal bigint  not null,
    at      bigint  not null,
    verdict text    not null,
    report  bytea   not null,
    primary key (arrival, ordinal)
);

create table filed (
    arrival text    primary key references arrival (id),
    at      bigint  not null
);

create table receipt (
    seq      bigint  primary key,
    id       text    not null unique,
    document text    not null,
    content  text    not null,
    office   text    not null,
    node     text    not null,
    status   text    not null,
    reason   text    not null,
    number   bigint  not null,
    by_whom  text    not null,
    at       bigint  not null,
    log_size bigint  not null,
    sealed   bytea   not null
);
create index receipt_of_document on receipt (document, office, seq);

create table log (
    leaf_index bigint  primary key,
    at         bigint  not null,
    office     text    not null,
    document   text    not null,
    leaf       text    not null, -- the JSON that is the leaf
    root       bytea   not null  -- of the log that ends with this leaf
);
create index log_of_document on log (document, office, leaf_index);

create table log_hash ( -- numbered as golang.org/x/mod/sumdb/tlog stores them
    id   bigint  primary key,
    hash bytea   not null
);

create table token (
    hash       text    primary key,
    name       text    not null,
    office     text    not null,
    role       text    not null,
    created_at bigint  not null,
    expires_at bigint  not null
);

create table token_revoked (
    hash text    primary key references token (hash),
    at   bigint  not null
);

create table request (
    office  text not null,
    key     text not null,
    request text not null,
    answer  bytea not null,
    primary key (office, key)
);

-- Indexes: made from the facts in the same transaction.

create table owed ( -- the deliveries without acknowledgement
    node     text    not null,
    rank     bigint  not null, -- minus the lane: the most urgent first
    delivery bigint  not null,
    primary key (node, rank, delivery)
);

create table unjudged ( -- the arrivals without judgement
    arrival text primary key references arrival (id)
);

create table document_words (
    seq   bigint   primary key references document (seq),
    words tsvector not null
);
create index document_words_index on document_words using gin (words);

create table arrival_words (
    seq   bigint   primary key references arrival (seq),
    words tsvector not null
);
create index arrival_words_index on arrival_words using gin (words);
