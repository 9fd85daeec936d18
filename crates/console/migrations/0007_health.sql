-- Health with its cause, its history and the latency behind it; notifications. Times are microseconds UTC.

-- cause: why a customer is not up. parts: what its last sync found to be wrong, as JSON; null when nothing is.
-- told: the state people were told last.
alter table health add column cause text;
alter table health add column parts text;
alter table health add column told text not null default 'up';

create table health_change (
    customer_id text not null references customers (id) on delete cascade,
    time bigint not null,
    state text not null,
    cause text,
    detail text,
    primary key (customer_id, time)
);

-- Each direction of the connection with a node. to_node: commands of the console; from_node: the node reaches the console.
create table node_directions (
    node text not null references node_links (node) on delete cascade,
    direction text not null,
    state text not null,
    since bigint not null,
    detail text,
    primary key (node, direction)
);

create table node_latency (
    node text not null references node_links (node) on delete cascade,
    bucket bigint not null,
    answered bigint not null,
    missed bigint not null,
    median_us bigint,
    most_us bigint,
    primary key (node, bucket)
);

-- What is to be sent and what was: a row for each channel of an event. body is what is sent; it holds registration, never logs.
create table notifications (
    id text not null,
    channel text not null,
    subject text not null,
    body text not null,
    created bigint not null,
    state text not null,
    attempts bigint not null,
    due bigint not null,
    sent bigint,
    error text,
    primary key (id, channel)
);
create index notifications_state on notifications (state, due);
