-- Each line of the audit holds the hash of the one before. Lines from before this get theirs when the workspace opens; from then on a
-- trigger refuses to change or delete one. A later migration that must write to old lines drops the trigger first.

alter table audit add column customer_id text;
alter table audit add column detail text;
alter table audit add column hash text;
create table audit_counter (one bigint primary key, last bigint not null, head text);
insert into audit_counter (one, last) select 1, coalesce(max(id), 0) from audit;
create index audit_time on audit (time);
create index audit_actor on audit (actor, id);
create index audit_verb on audit (verb, id);
