-- The licence by resource; what the console sets for every customer; how the workspace is reached through a reverse proxy.
alter table licence add column continuous_daily_bytes bigint;
alter table licence add column frequent_daily_bytes bigint;
alter table licence add column infrequent_daily_bytes bigint;
alter table licence add column sources bigint;
alter table licence add column users bigint;
alter table licence add column retention_days bigint;
create table console_setting (name text primary key, value text not null, changed bigint not null);
create table proxy (one bigint primary key, value text not null, changed bigint not null, changed_by text not null);
