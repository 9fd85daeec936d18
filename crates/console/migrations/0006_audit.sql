-- Each line of the audit holds the hash of the one before. Lines from before this get theirs at the next start; from then on a trigger
-- refuses to change or delete one. A later migration that must write to old lines drops the trigger first.

alter table audit add column subject text not null default '';
alter table audit add column detail text;
alter table audit add column hash text;
alter table audit_counter add column head text;
create index audit_time on audit (time);
create index audit_actor on audit (actor, id);
create index audit_verb on audit (verb, id);
create index audit_customer on audit (customer_id, id);
