-- Meters: what came, by 5 minutes of receipt and rolled up; grain is the bucket's length in seconds. Labels are the source's at receipt.
create table meter (grain bigint not null, bucket bigint not null, source text not null, name text not null, category text not null,
                    collector text not null, host text not null, tier text not null, cse bigint not null,
                    received bigint not null, stored bigint not null, failed bigint not null, dropped bigint not null,
                    bytes bigint not null, field_bytes bigint not null, cse_bytes bigint not null,
                    primary key (grain, bucket, source, name, category, collector, host, tier, cse));
create table meter_drop (bucket bigint not null, source text not null, cause text not null, events bigint not null, bytes bigint not null,
                         primary key (bucket, source, cause));
create table licence (one bigint primary key, daily_bytes bigint, set_by text not null, changed bigint not null);
-- Until now `stored` held the failed records, too.
alter table source add column received bigint not null default 0;
update source set stored = stored - failed;
update source set received = stored + failed + dropped;
