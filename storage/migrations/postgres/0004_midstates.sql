-- States of hashes over kept bytes, so that signing a large file need not read it again. They can be made again by
-- reading the bytes.

-- +goose Up
create table midstate (
    digest    text    not null,
    algorithm integer not null, -- as Go numbers hashes: 5 SHA-256, 6 SHA-384, 7 SHA-512
    state     bytea   not null,
    primary key (digest, algorithm)
);
