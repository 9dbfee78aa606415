-- +goose Up
create table directory_record ( -- the signed log of the directory, in order
    place  bigint  primary key,
    sealed bytea   not null
);
