-- Health: what is wrong now or was, every change of it, and what is learned of each source's rhythm. Times are microseconds UTC.
create table health_issue (id text primary key, kind text not null, resource text not null, name text not null, collector text,
                           collector_name text, tracker text not null, severity text not null, error text not null, description text not null,
                           opened bigint not null, since bigint not null, resolved bigint, ack_by text, ack_time bigint, ack_note text);
create unique index health_issue_open on health_issue (kind, resource, tracker) where resolved is null;
create index health_issue_since on health_issue (since);
create table health_event (seq integer primary key autoincrement, id text not null, issue text not null, time bigint not null, status text not null,
                           severity text not null, operator text, tracker text not null, error text not null, description text not null,
                           kind text not null, resource text not null, name text not null, collector text, collector_name text);
create index health_event_time on health_event (time);
create table source_watch (source text primary key, state text not null, saved bigint not null);

-- A deleted source stays for its events; its name is free. The digest of the key before tells who still sends with it.
alter table source add column deleted bigint;
alter table source add column previous_digest text;
create index source_key on source (key_digest);
create index source_previous on source (previous_digest);
