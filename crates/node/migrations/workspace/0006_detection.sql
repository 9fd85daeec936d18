-- What a workspace decides about detection. Times are microseconds UTC.
-- A rule that is as it came has no row.
create table rule_setting (rule text primary key, state text not null, severity bigint, quiet_us bigint, reason text, sample text, failed bigint,
                           changed bigint not null, changed_by text not null);
create table custom_rule (rule text primary key, yaml text not null, created bigint not null, created_by text not null);
-- How often a rule matched and how many signals it made, by hour since 1970; hour -1 holds what is older than 31 days.
create table rule_hour (rule text not null, hour bigint not null, hits bigint not null, signals bigint not null, primary key (rule, hour));
create index rule_hour_hour on rule_hour (hour);
create table exception (id text primary key, name text not null, name_key text not null unique, kind text not null, body text not null, rules text,
                        owner text not null, reason text not null, created bigint not null, created_by text not null, expires bigint not null,
                        hits bigint not null default 0, last_hit bigint);
create table entity (entity_type text not null, entity_value text not null, first_seen bigint not null, last_seen bigint not null,
                     signals bigint not null, primary key (entity_type, entity_value));
create index entity_seen on entity (last_seen);
create table entity_setting (entity_type text not null, pattern text not null, criticality text, suppressed bigint not null, notes text not null,
                             changed bigint not null, changed_by text not null, primary key (entity_type, pattern));
create table custom_insight (id text primary key, name text not null, name_key text not null unique, body text not null, enabled bigint not null,
                             created bigint not null, created_by text not null);
create table detection_setting (name text primary key, value text not null);
-- The event up to which signals were made; it moves with them.
create table signalled (id bigint primary key, event text not null);

-- Quiet periods are read by entity.
alter table quiet rename to quiet_before;
create table quiet (entity_type text not null, entity_value text not null, name text not null, first bigint not null, last bigint not null,
                    first_signal text not null, idle bigint, primary key (entity_type, entity_value, name));
insert into quiet (entity_type, entity_value, name, first, last, first_signal)
    select entity_type, entity_value, name, first, last, first_signal from quiet_before;
drop table quiet_before;
create index quiet_last on quiet (last);

-- Signals, again: most of them are suppressed repetitions, so what only others need is indexed for those alone, and the id, which
-- follows from the place in the log, needs no index of its own.
alter table signal rename to signal_before;
drop index signal_entity;
drop index signal_match;
drop index signal_investigation;
create table signal (id text not null, rule text not null, name text not null, level text not null, severity bigint not null,
                     base_severity bigint not null default 0, entity_type text not null, entity_value text not null, match_id text not null,
                     created bigint not null, event_time bigint not null, event_ids text not null, matched text not null, message text not null,
                     tags text not null, suppressed text, investigation text, prototype bigint not null default 0);
insert into signal (id, rule, name, level, severity, base_severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched,
                    message, tags, suppressed, investigation)
    select id, rule, name, level, severity, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, message, tags,
           suppressed, investigation from signal_before order by rowid;
drop table signal_before;
create index signal_created on signal (created);
create index signal_rule on signal (rule, created);
create index signal_entity on signal (entity_value, entity_type, created);
create index signal_pending on signal (entity_type, entity_value, created) where suppressed is null and investigation is null and prototype = 0;
create index signal_match on signal (match_id) where suppressed is null and investigation is null and prototype = 0;
create index signal_investigation on signal (investigation, event_time) where investigation is not null;
-- The last event a signal was made of: ids have 22 characters, the completing event stands last in the list.
insert into signalled (id, event) select 1, coalesce(max(substr(event_ids, -24, 22)), '') from signal;
