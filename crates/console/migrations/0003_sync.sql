-- Sync of each customer, module by module; licences: the pool, and what of it was allocated to whom. Times are microseconds UTC.
-- Whatever is here of a customer goes with it.

create table sync (
    customer_id text primary key references customers (id) on delete cascade,
    -- NEVER, QUEUED, RUNNING, OK, PARTIAL, FAILED; that one is stale is seen when it is shown.
    state text not null,
    -- Somebody decided something while it ran: it runs once more.
    again bigint not null,
    due bigint not null,
    started bigint,
    finished bigint,
    items bigint not null,
    failed text not null,
    code text,
    detail text,
    since bigint,
    consecutive bigint not null,
    last_success bigint
);
create index sync_due on sync (due);

create table sync_module (
    customer_id text not null references customers (id) on delete cascade,
    name text not null,
    state text not null,
    code text,
    detail text,
    last_success bigint,
    value text,
    primary key (customer_id, name)
);

create table sync_run (
    customer_id text not null references customers (id) on delete cascade,
    started bigint not null,
    finished bigint not null,
    state text not null,
    items bigint not null,
    failed text not null,
    code text,
    detail text,
    primary key (customer_id, started)
);

-- One row, from the beginning: whoever allocates changes it first, so that two never count the same remainder.
create table licence_pool (
    one bigint primary key,
    revision bigint not null,
    source text,
    licensee text,
    expires bigint,
    sources bigint,
    users bigint,
    continuous_daily_bytes bigint,
    frequent_daily_bytes bigint,
    infrequent_daily_bytes bigint,
    retention_days bigint,
    set_by text,
    set_time bigint
);
insert into licence_pool (one, revision) values (1, 0);

create table licence_allocation (
    customer_id text primary key references customers (id) on delete cascade,
    revision bigint not null,
    sources bigint,
    users bigint,
    continuous_daily_bytes bigint,
    frequent_daily_bytes bigint,
    infrequent_daily_bytes bigint,
    retention_days bigint,
    allocated_by text not null,
    allocated_by_name text not null,
    allocated_time bigint not null,
    reason text,
    applied_revision bigint,
    applied text,
    applied_time bigint,
    pending_since bigint,
    pending_reason text
);

-- Which warnings of an end were written down.
create table licence_warning (expires bigint not null, days bigint not null, primary key (expires, days));
