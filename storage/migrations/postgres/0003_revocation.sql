-- What was fetched or brought by hand about certificates: OCSP answers, revocation lists, issuers' certificates. None of
-- it is a fact: all can be fetched or brought again, and it is judged whenever it is used. Times are microseconds since
-- 1970, UTC; a useful_until of 0 means for ever.

-- +goose Up
create table revocation (
    key          text    primary key,
    kept_at      bigint  not null,
    useful_until bigint  not null,
    size         bigint  not null,
    value        bytea   not null
);
