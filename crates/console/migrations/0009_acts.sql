-- What people set for themselves, and which bulk changes they made. Times are microseconds UTC.

create table preferences (
    user_id text primary key references users (id) on delete cascade,
    multi_customer bigint not null,
    density text not null,
    single_keys bigint not null
);

-- A bulk change: by whom, and what its retries are told apart by. What it changed and how it was before is with the customers alone.
create table bulk (
    id text primary key,
    user_id text not null references users (id) on delete cascade,
    digest text not null,
    made bigint not null
);
create index bulk_made on bulk (made);

-- The customers a bulk change was about.
create table bulk_customers (
    bulk text not null references bulk (id) on delete cascade,
    customer_id text not null references customers (id) on delete cascade,
    primary key (bulk, customer_id)
);
create index bulk_customers_customer on bulk_customers (customer_id);
