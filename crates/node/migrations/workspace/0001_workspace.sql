-- Everything of one customer that is not an event. Times are microseconds UTC.
-- Up to where the log was worked: moved in the same transaction as what it covers.
create table cursor (name text primary key, segment bigint not null, position bigint not null);

create table admin (user_key text primary key, user_name text not null, password text);
create table enrolment (console text primary key, console_name text not null, public_key text not null, enrolled bigint not null, enrolled_by text not null);
create table technician (email text primary key, name text not null, role text not null, granted_by text not null, granted bigint not null,
                         revoked bigint, last_seen bigint);
create table audit (id integer primary key, time bigint not null, actor text not null, verb text not null, subject text not null, outcome text not null);

create table source (id text primary key, name text not null, name_key text not null unique, source_category text not null, format text not null,
                     tier text not null, syslog_tcp text, enabled bigint not null, key_digest text not null, key_hint text not null, created bigint not null,
                     stored bigint not null default 0, failed bigint not null default 0, bytes bigint not null default 0,
                     dropped bigint not null default 0, last_seen bigint);
create table receipt (source text not null, idempotency_key text not null, received bigint not null, accepted bigint not null,
                      primary key (source, idempotency_key));

create table lake_file (path text primary key, rows bigint not null, bytes bigint not null, raw_bytes bigint not null, min_time bigint not null,
                        max_time bigint not null, first_id text not null, last_id text not null);

create table rule (id text primary key, body text not null);
create table window_hit (rule text not null, group_key text not null, time bigint not null, event text not null, value text,
                         primary key (rule, group_key, time, event, value));
create index window_hit_time on window_hit (time);
create table quiet (name text not null, entity_type text not null, entity_value text not null, first bigint not null, last bigint not null,
                    first_signal text not null, primary key (name, entity_type, entity_value));
create table signal (id text primary key, rule text not null, name text not null, level text not null, severity bigint not null,
                     entity_type text not null, entity_value text not null, match_id text not null, created bigint not null,
                     event_time bigint not null, event_ids text not null, matched text not null, message text not null, tags text not null,
                     suppressed text, investigation text);
create index signal_entity on signal (entity_type, entity_value, created);
create index signal_match on signal (match_id);
create index signal_investigation on signal (investigation, event_time);
create table investigation (id text primary key, version bigint not null, title text not null, status text not null, priority bigint not null,
                            priority_by_hand bigint not null default 0, disposition text not null, source text not null,
                            assignee_email text, assignee_name text, entity_type text, entity_value text, tags text not null default '[]',
                            signal_count bigint not null default 0, created bigint not null, updated bigint not null,
                            first_alert bigint, latest_alert bigint, closed bigint);
create index investigation_priority on investigation (priority, created);
create index investigation_entity on investigation (entity_type, entity_value, status);
create table history (id integer primary key, investigation text not null, time bigint not null, actor text not null, field text not null,
                      value_from text, value_to text);
create index history_investigation on history (investigation, id);
