-- A role that ends by itself: the node refuses the technician from then on, whether the console says so again or not.
alter table technician add column expires bigint;
