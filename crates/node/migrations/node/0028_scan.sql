-- Workspaces with files that wait for the scanner, so that they are looked at after a restart.
create table scan (workspace text primary key);
