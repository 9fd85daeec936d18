-- What a case holds besides its signals. Times are microseconds UTC.
alter table investigation add column responsibility text;
alter table investigation add column last_accessed bigint;
alter table investigation add column throttled bigint not null default 0;
alter table investigation add column merged_into text;
alter table investigation add column claim_email text;
alter table investigation add column claim_name text;
alter table investigation add column claim_until bigint;
alter table investigation add column comments bigint not null default 0;
alter table investigation add column internal_comments bigint not null default 0;
alter table investigation add column attachments bigint not null default 0;
alter table investigation add column evidence bigint not null default 0;

create table comment (id text primary key, investigation text not null, author_kind text not null, author_email text not null, author_name text not null,
                      created bigint not null, body text not null, visibility text not null);
create index comment_investigation on comment (investigation, created);
-- The content is a file of the workspace's directory, named by the id.
create table attachment (id text primary key, investigation text not null, comment text, file_name text not null, mime_type text not null,
                         size bigint not null, sha256 text not null, author_kind text not null, author_email text not null, author_name text not null,
                         created bigint not null, scan_status text not null, scan_detail text);
create index attachment_investigation on attachment (investigation, created);
-- Log rows that somebody added, as they were then: the lake may let them go.
create table evidence (investigation text not null, event text not null, body text not null, note text, added bigint not null, added_by text not null,
                       primary key (investigation, event));
-- Searches that somebody kept.
create table saved_search (id text primary key, kind text not null, name text not null, body text not null, owner text not null, shared bigint not null,
                           created bigint not null, updated bigint not null);
create index saved_search_owner on saved_search (kind, owner);
-- What a bulk change did, for ten minutes, so that it can be undone; and by whom it is retried.
create table bulk (id text primary key, actor text not null, made bigint not null, digest text not null, undone bigint);
create table bulk_item (bulk text not null, investigation text not null, body text not null, primary key (bulk, investigation));
