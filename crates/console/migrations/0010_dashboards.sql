-- Dashboards that people saved, who may save them, and what customers pay for a gigabyte. Times are microseconds UTC.

alter table users add column may_save_dashboards bigint not null default 0;

-- A dashboard as JSON, in the form of the seven that come with the program.
create table dashboard (
    name text primary key,
    body text not null,
    owner text not null references users (id),
    email text not null,
    updated bigint not null,
    version bigint not null
);

-- Rates from a time on. `whom` is the customer's id; empty for everybody without a card of their own.
create table rate_card (
    whom text not null,
    effective_from bigint not null,
    customer_id text references customers (id) on delete cascade,
    rates text not null,
    primary key (whom, effective_from)
);
create index rate_card_customer on rate_card (customer_id);
