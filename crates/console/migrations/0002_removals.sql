-- Customers on their way out, and what is left of those who are gone: a removal is a tombstone that closes when the node has nothing of
-- this console any more.

alter table customers add column state text not null default 'ACTIVE';
alter table customers add column delete_failed text;
alter table node_links add column fingerprint text;

create table removals (
    id text primary key,
    customer_id text not null,
    name text not null,
    region text not null,
    node text not null,
    workspace text not null,
    was_primary bigint not null,
    how text not null,
    state text not null,
    reason text,
    requested_by text not null,
   
    requested bigint not null,
    due bigint not null,
    closed bigint,
    detail text
);
create index removals_state on removals (state, due);
create index removals_customer on removals (customer_id);
create index removals_workspace on removals (region, workspace);
