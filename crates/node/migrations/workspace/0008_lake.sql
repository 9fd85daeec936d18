-- How long each tier is kept; what was taken off the list of files and waits to be removed; what was published of the lake.
-- Times are microseconds UTC unless told.
create table retention (tier text primary key, days bigint not null);
create table lake_gone (path text primary key, bytes bigint not null, gone bigint not null);
create index lake_gone_time on lake_gone (gone);
-- The last time something was done for the lake, and what it did.
create table lake_work (name text primary key, time bigint not null, files_before bigint not null, files_after bigint not null,
                        bytes_before bigint not null, bytes_after bigint not null);
create table lake_table (id text primary key, version bigint, schema text not null, created_ms bigint not null, checkpoint bigint, published bigint);
create table lake_table_file (path text primary key, added_ms bigint not null);
