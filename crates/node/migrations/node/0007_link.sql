-- Consoles that this node dials, and the workspaces whose administrators agreed to it. Times are microseconds UTC.
-- seed: the secret half of the node's key for this console. A console without a workspace is one that was being enrolled; it is not dialled.
create table console_link (
    console text primary key,
    console_name text not null,
    address text not null,
    fingerprint text not null,
    seed text not null,
    created bigint not null
);
create table console_link_workspace (
    console text not null,
    workspace text not null,
    created bigint not null,
    primary key (console, workspace)
);
