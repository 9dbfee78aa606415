-- Signing sessions: signatures with keys that the gateway does not hold. Facts, as in 0001.

-- +goose Up
create table signing_session (
    id         text    primary key,
    office     text    not null,
    step       text    not null,
    way        text    not null,
    by_whom    text    not null,
    created_at integer not null,
    expires_at integer not null
);

create table signing_part (
    session  text    not null references signing_session (id),
    ordinal  integer not null,
    document text    not null references document (id),
    version  text    not null, -- the digest that the part is bound to
    prepared blob    not null, -- empty where a whole file comes back
    primary key (session, document)
);

create table signing_outcome (
    session  text    not null,
    document text    not null,
    given    text    not null,
    result   text    not null,
    at       integer not null,
    primary key (session, document),
    foreign key (session, document) references signing_part (session, document)
);

create table signing_link (
    hash     text primary key, -- of the secret, which is kept nowhere
    used_for text not null,
    session  text not null,
    office   text not null,
    document text not null,
    foreign key (session, document) references signing_part (session, document)
);
