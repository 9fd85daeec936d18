-- Parsers the administrator uploaded. The next version waits beside the current one until it is enabled.
create table parser (name text primary key, description text not null, state text not null, why text, sample text, version bigint not null,
                     source text not null, next_version bigint, next_source text, created bigint not null, changed bigint not null,
                     changed_by text not null);

-- Replays of failed records: what was asked, and how far it came.
create table replay (id text primary key, state text not null, started bigint not null, ended bigint, started_by text not null,
                     reason_code text, parser text, source text, from_time bigint, to_time bigint,
                     files_total bigint not null, files_done bigint not null, rows_seen bigint not null, became_records bigint not null,
                     still_failed bigint not null, reason text);
create index replay_started on replay (started);
-- Events of failed records that were detected on and are not in the lake as records yet: they are not detected on again.
create table redetected (event text primary key, time bigint not null);
