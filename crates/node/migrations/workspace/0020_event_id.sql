-- Ids that senders gave their events, for a day: an event that comes again under its id is not taken twice. `event` only orders the rows.
create table event_id (event integer primary key, id text not null unique, received bigint not null);
create index event_id_received on event_id (received);
