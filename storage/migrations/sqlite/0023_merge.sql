-- +goose Up
-- Every document is found from the moment it is handed in, and a second time, by its number: its row in the index is
-- replaced once. Rewriting a piece of the index as soon as a tenth of it is stale then costs more than all the rest.
insert into document_words (document_words, rank) values ('deletemerge', 50);
insert into arrival_words (arrival_words, rank) values ('deletemerge', 50);
