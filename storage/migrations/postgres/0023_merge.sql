-- +goose Up
-- Only SQLite is told when to merge its index of words.
select 1;
