-- What dashboards count beside the meters. Times are microseconds UTC; grain is a bucket's length in seconds, as in `meter`.
-- seq moves with every transaction that writes one of them; each hour knows the last that touched it, so that what is kept in memory follows.
create table dashboard_clock (one bigint primary key, seq bigint not null);
insert into dashboard_clock (one, seq) values (1, 1);
create table dashboard_mark (dataset text not null, hour bigint not null, seq bigint not null, primary key (dataset, hour));
create index dashboard_mark_seq on dashboard_mark (dataset, seq);

-- Signals by the time of the event that completed them: active, suppressed or prototype.
create table signal_meter (grain bigint not null, bucket bigint not null, state text not null, n bigint not null, primary key (grain, bucket, state));
insert into signal_meter (grain, bucket, state, n)
    select g.grain, s.event_time - ((s.event_time % (g.grain * 1000000)) + g.grain * 1000000) % (g.grain * 1000000) as bucket,
           case when s.prototype <> 0 then 'prototype' when s.suppressed is not null then 'suppressed' else 'active' end as state, count(*)
    from signal s cross join (select 300 as grain union all select 900 union all select 3600) g group by 1, 2, 3;
create index signal_event_time on signal (event_time);

-- Failed records by time of receipt; an empty text stands for what is not known. Those from before this table have their category alone.
-- For every grain and bucket the sum of n is the sum of `meter.failed`.
create table failed_meter (grain bigint not null, bucket bigint not null, source_category text not null, vendor text not null, product text not null,
                           event_id text not null, parser text not null, reason_code text not null, reason text not null, n bigint not null,
                           primary key (grain, bucket, source_category, vendor, product, event_id, parser, reason_code, reason));
insert into failed_meter (grain, bucket, source_category, vendor, product, event_id, parser, reason_code, reason, n)
    select grain, bucket, category, '', '', '', '', '', '', sum(failed) from meter where failed > 0 group by grain, bucket, category;
