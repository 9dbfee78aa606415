-- Seals on attachments by keys that the gateway does not hold: further parts of a signing session.

-- +goose Up
create table signing_attachment (
    session    text    not null,
    document   text    not null,
    attachment bigint  not null, -- 1 is the document's first
    version    text    not null, -- the digest that the part is bound to
    prepared   bytea  not null, -- empty where a whole file comes back, and when it is forgotten
    primary key (session, document, attachment),
    foreign key (session, document) references signing_part (session, document)
);

create table signing_attachment_outcome (
    session    text    not null,
    document   text    not null,
    attachment bigint  not null,
    given      text    not null,
    result     text    not null,
    at         bigint  not null,
    primary key (session, document, attachment),
    foreign key (session, document, attachment) references signing_attachment (session, document, attachment)
);

alter table signing_link add column attachment bigint  not null default 0; -- 0: the main file

-- What was prepared is forgotten when it can be of no more use.
create index signing_part_prepared on signing_part (session, document) where length(prepared) > 0;
create index signing_attachment_prepared on signing_attachment (session, document) where length(prepared) > 0;
