//! The access table: every persona × every action, reviewed as a diff of `golden/node-access.txt`.

use bailiwick_node::access::{Action, Who, policy};
use std::fmt::Write;

#[test]
fn the_access_table_is_the_golden_one() {
    let mut table = format!("{:<28}", "");
    for action in Action::ALL {
        write!(table, "{:<22}", action.permission()).unwrap();
    }
    for who in Who::ALL {
        write!(table, "\n{:<28}", format!("{who:?}")).unwrap();
        for action in Action::ALL {
            write!(table, "{:<22}", if policy::allows(*who, *action) { "yes" } else { "-" }).unwrap();
        }
    }
    let table = table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n";
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/node-access.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &table).unwrap();
    }
    let reviewed = std::fs::read_to_string(golden).unwrap_or_default();
    assert_eq!(table, reviewed, "the access policy changed; look at the difference after UPDATE_GOLDEN=1 and review it");
}
