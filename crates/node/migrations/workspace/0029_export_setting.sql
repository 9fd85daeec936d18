-- Whether what is here may be exported to files, as the workspace's administrator decided; without a row it may not. Times are microseconds UTC.
create table if not exists export_setting (id bigint primary key, allowed bigint not null, changed bigint not null, changed_by text not null);
