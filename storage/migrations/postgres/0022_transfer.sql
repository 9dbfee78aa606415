-- +goose Up
-- Open arrivals of offices that have ended, by the office that goes on with them; node is its gateway.
create table transferred (
    arrival text    not null,
    heir    text    not null,
    node    text    not null,
    at      bigint not null,
    primary key (arrival, heir)
);
