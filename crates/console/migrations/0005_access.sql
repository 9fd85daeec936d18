-- Who may do what with which customers, as it was decided: delegations of a customer, a group of customers or all to a person. A row of
-- `grants` is what follows from them for one person and one customer. Times are microseconds UTC.

-- A person who was let go stays as a row, for the grants and the audit that name them; their email_key is free then.
alter table users add column disabled bigint;
alter table users add column deleted bigint;
alter table users add column last_seen bigint;

-- Until when the role stands; null for ever.
alter table grants add column ends bigint;

create table customer_groups (
    id text primary key,
    name text not null,
    name_key text not null,
    created bigint not null,
    created_by text not null,
    constraint customer_groups_name_key unique (name_key)
);

create table group_members (
    group_id text not null references customer_groups (id) on delete cascade,
    customer_id text not null references customers (id) on delete cascade,
    primary key (group_id, customer_id)
);
create index group_members_customer on group_members (customer_id);

-- subject: the id of the customer or the group, or `all`. role null denies.
create table delegations (
    id text primary key,
    user_id text not null references users (id),
    subject text not null,
    customer_id text references customers (id) on delete cascade,
    group_id text references customer_groups (id) on delete cascade,
    role text,
    expires bigint,
    reason text,
    delegated_by text not null references users (id),
    created bigint not null,
    constraint delegations_user_subject unique (user_id, subject)
);
create index delegations_subject on delegations (subject);
create index delegations_created on delegations (created, id);
create index delegations_expires on delegations (expires);

-- One row, from the beginning: whoever changes what grants follow from changes it first, so that two never overlook each other.
create table access_turn (one bigint primary key, revision bigint not null);
insert into access_turn (one, revision) values (1, 0);

-- Every grant there is was decided for its customer by name.
insert into delegations (id, user_id, subject, customer_id, role, delegated_by, created)
select 'delegation-' || id, user_id, customer_id, customer_id, desired, granted_by, updated from grants where desired is not null;
