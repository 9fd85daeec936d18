-- What lets the node keep the investigations that are not closed in memory, and tell what changed since.
-- change moves with every write of a row, changed (microseconds, of the machine's clock, rising) with every write of `updated`; whoever writes need
-- not know. gone moves when a row is taken away, access with every write of who may ask here.
create table queue_clock (one bigint primary key, change bigint not null, changed bigint not null, gone bigint not null, access bigint not null);
insert into queue_clock (one, change, changed, gone, access) values (1, 0, 0, 0, 0);

alter table investigation add column change bigint not null default 0;
alter table investigation add column changed bigint not null default 0;
update investigation set changed = updated;
create index investigation_change on investigation (change);
create index investigation_changed on investigation (changed);

create trigger investigation_made after insert on investigation begin
    update queue_clock set change = change + 1,
        changed = max(changed + 1, cast((julianday('now') - 2440587.5) * 86400000000 as integer)) where one = 1;
    update investigation set change = (select change from queue_clock where one = 1), changed = (select changed from queue_clock where one = 1)
        where id = new.id;
end;
create trigger investigation_written after update on investigation when new.change = old.change begin
    update queue_clock set change = change + 1 where one = 1;
    update investigation set change = (select change from queue_clock where one = 1) where id = new.id;
end;
create trigger investigation_moved after update of updated on investigation begin
    update queue_clock set changed = max(changed + 1, cast((julianday('now') - 2440587.5) * 86400000000 as integer)) where one = 1;
    update investigation set changed = (select changed from queue_clock where one = 1) where id = new.id;
end;

create trigger investigation_gone after delete on investigation begin
    update queue_clock set change = change + 1, gone = gone + 1 where one = 1;
end;

create trigger enrolment_made after insert on enrolment begin update queue_clock set access = access + 1 where one = 1; end;
create trigger enrolment_changed after update on enrolment begin update queue_clock set access = access + 1 where one = 1; end;
create trigger enrolment_ended after delete on enrolment begin update queue_clock set access = access + 1 where one = 1; end;
create trigger technician_made after insert on technician begin update queue_clock set access = access + 1 where one = 1; end;
create trigger technician_changed after update of role, revoked, expires on technician begin
    update queue_clock set access = access + 1 where one = 1;
end;
create trigger technician_removed after delete on technician begin update queue_clock set access = access + 1 where one = 1; end;
