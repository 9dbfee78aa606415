-- +goose Up
-- Of a refusal at a gateway's door: who brought the message, and its SHA-256. Of that and of a receipt for what was
-- taken: the refusal that was known when it was asked again.
alter table receipt add column from_node text not null default '';
alter table receipt add column message text not null default '';
alter table receipt add column after_refusal text not null default '';

create table refusal ( -- given at this gateway's door: the one answer to one question
    message       text   not null,
    office        text   not null,
    digest        text   not null, -- of the sealed message; empty of a state secret
    after_refusal text   not null,
    id            text   not null,
    code          text   not null,
    leaf          integer not null, -- of the log, that names it
    sealed        blob  not null,
    primary key (message, office, digest, after_refusal)
);
