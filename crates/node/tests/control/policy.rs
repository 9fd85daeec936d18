//! The access table: every persona × every action, reviewed as a diff of `tests/golden/node-access.txt`.

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
    assert_eq!(table, include_str!("../golden/node-access.txt"), "the access policy changed; if that is meant, this is the new table:\n{table}");
}
