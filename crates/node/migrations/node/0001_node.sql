-- What a node knows beside its workspaces. Times are microseconds UTC.
create table setting (name text primary key, value text not null);
create table operator (user_key text primary key, user_name text not null, password text not null, created bigint not null);
-- An admin's user name is unique on the node and selects the workspace.
create table workspace (id text primary key, name text not null, admin_key text not null unique, admin_name text not null, created bigint not null);
create table session (digest text primary key, subject text not null, csrf text not null, expires bigint not null);
create table link (digest text primary key, purpose text not null, subject text not null, expires bigint not null);
