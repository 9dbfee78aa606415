-- +goose Up
create table directory_record ( -- the signed log of the directory, in order
    place  integer primary key,
    sealed blob    not null
);
