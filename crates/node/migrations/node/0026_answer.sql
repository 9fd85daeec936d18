-- Every answer this node gave a console: who, when, what kind, how many rows; never content. Times are microseconds UTC.
-- A scope is a set of workspaces asked together; most questions are about the same ones. rows: JSON, workspaces with rows alone.
create table answer_scope (id integer primary key, digest text not null unique);
create table answer_member (workspace text not null, scope bigint not null, primary key (workspace, scope));
create table answer (id integer primary key, time bigint not null, last bigint not null, times bigint not null, console text not null,
                     email text not null, kind text not null, status bigint not null, scope bigint not null, rows text not null);
create index answer_time on answer (time);
create index answer_scoped on answer (scope, id);
