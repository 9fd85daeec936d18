-- What more a case needs. Times are microseconds UTC.
-- A signal that a person took out of an investigation: correlation leaves it alone.
alter table signal add column unlinked bigint not null default 0;
-- People name signals by their ids; most signals are suppressed repetitions, which hardly anybody names.
create index signal_id on signal (id) where suppressed is null;
-- The rule that opened an investigation, so that openings can be counted.
alter table investigation add column opened_by text;
create index investigation_opened_by on investigation (opened_by, created) where opened_by is not null;
create index investigation_merged on investigation (merged_into) where merged_into is not null;
-- Files that the workspace's own people see: those of public comments.
alter table investigation add column public_attachments bigint not null default 0;
create index attachment_comment on attachment (comment) where comment is not null;
create index attachment_scan on attachment (scan_status, created);
create index evidence_event on evidence (event);
-- What throttles held back, by minute since 1970.
create table held_back (kind text not null, minute bigint not null, n bigint not null, primary key (kind, minute));
create index audit_subject on audit (subject, id);
-- Whether cases may be exported to files, as the workspace's administrator decided; without a row they may not.
create table export_setting (id bigint primary key, allowed bigint not null, changed bigint not null, changed_by text not null);
