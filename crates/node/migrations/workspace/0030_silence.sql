-- Silences of source categories that somebody knows of: of each tier and category the last one; earlier ones are known with it. last_seen is the
-- end of the last 5 minutes with data before the silence. Times are microseconds UTC.
create table silence_known (tier text not null, category text not null, last_seen bigint not null, ack_by text not null, ack_time bigint not null,
                            ack_note text, primary key (tier, category));
