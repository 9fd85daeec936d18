-- Nodes that dial the console, and the codes by which they come. Times are microseconds UTC.

-- kind: `direct` or `outbound`; link_key: the public half of the node's key for this console, base64url. An outbound node has no address:
-- server is empty and port 0.
alter table node_links add column kind text not null default 'direct';
alter table node_links add column link_key text;

-- What a code proves with is a key; the public half is kept, from which the code cannot be made again.
-- state: `open`, `used`, `withdrawn`, or `ended` when nobody used it in time. Rows go a day after the code expired.
create table enrolment_codes (
    id text primary key,
    public_key text not null,
    name text not null,
    name_key text not null,
    mail text not null,
    is_primary bigint not null,
    created bigint not null,
    created_by text not null,
    expires bigint not null,
    state text not null,
    customer_id text
);
create unique index enrolment_codes_name_key on enrolment_codes (name_key) where state = 'open';

-- Outbound nodes that were let go and have not heard of it yet: told so when they dial, forgotten when they cleaned up.
create table ended_links (
    node text not null,
    link_key text not null,
    ended bigint not null,
    primary key (node, link_key)
);
