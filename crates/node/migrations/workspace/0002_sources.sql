-- Collectors, what more is known of a source, and what a file of the lake holds.
create table collector (id text primary key, name text not null, name_key text not null unique, type text not null, enabled bigint not null,
                        version text, last_seen bigint, created bigint not null);
alter table source add column collector text;
alter table source add column host text;
alter table source add column parser text;
alter table source add column cse bigint not null default 1;
alter table source add column syslog_udp text;
alter table source add column syslog_tls text;
alter table source add column allowed text not null default '[]';
alter table source add column client_certificate text;

alter table lake_file add column tier text not null default '';
alter table lake_file add column max_receipt bigint not null default 0;
alter table lake_file add column index_bytes bigint not null default 0;
