-- +goose Up
-- The closed office that a receipt is for, when another is its heir; empty otherwise.
alter table receipt add column for_office text not null default '';
