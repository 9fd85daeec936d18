-- When a workspace's sources are next looked at for silence; no row means nothing to wait for. Microseconds UTC.
create table health_due (workspace text primary key, due bigint not null);
create index health_due_due on health_due (due);
