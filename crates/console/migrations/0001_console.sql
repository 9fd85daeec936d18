-- What the console keeps: registration, grants, health, audit. Nothing a customer's log could contain.
-- The same text runs on SQLite and PostgreSQL. Times are microseconds UTC; order and case are folded by the program, not here.

create table settings (key text primary key, value text not null);

create table self_check (id text primary key, text_value text not null, number_value bigint not null);

create table session (digest text primary key, subject text not null, csrf text not null, expires bigint not null);
create table link (digest text primary key, purpose text not null, subject text not null, expires bigint not null);

create table users (
    id text primary key,
    email text not null,
    email_key text not null,
    name text not null,
    role text not null,
    password text,
    created bigint not null,
    constraint users_email_key unique (email_key)
);

create table node_links (
    node text primary key,
    server text not null,
    port bigint not null,
    scheme text not null,
    region text not null,
    version text not null,
    signing_key text not null,
    created bigint not null
);

create table customers (
    id text primary key,
    name text not null,
    name_key text not null,
    mail text not null,
    region text not null,
    node text not null references node_links (node),
    workspace text not null,
    is_primary bigint not null,
    created bigint not null,
    created_by text not null,
    constraint customers_name_key unique (name_key),
    constraint customers_workspace unique (region, workspace)
);
create unique index customers_is_primary on customers (is_primary) where is_primary = 1;
create index customers_node on customers (node);

create table grants (
    id text primary key,
    user_id text not null references users (id),
    customer_id text not null references customers (id),
    desired text,
    applied text,
    state text not null,
    detail text,
    revision bigint not null,
    granted_by text not null references users (id),
    updated bigint not null,
    constraint grants_user_customer unique (user_id, customer_id)
);
create index grants_customer on grants (customer_id);
create index grants_state on grants (state);

create table health (
    customer_id text primary key references customers (id),
    state text not null,
    since bigint not null,
    detail text
);

create table audit_counter (one bigint primary key, last bigint not null);
insert into audit_counter (one, last) values (1, 0);

create table audit (
    id bigint primary key,
    time bigint not null,
    actor text not null,
    verb text not null,
    customer_id text,
    outcome text not null
);
