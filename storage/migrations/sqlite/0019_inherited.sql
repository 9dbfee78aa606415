-- +goose Up
-- The arrival, kept under the name of a closed office, about which its heir made the receipt; empty otherwise.
alter table receipt add column arrival text not null default '';

create table closed_register ( -- of offices that have ended
    office    text    not null,
    direction text    not null,
    book      text    not null,
    year      integer not null,
    last      integer not null,
    at        integer  not null,
    primary key (office, direction, book, year)
);
