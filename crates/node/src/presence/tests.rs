use super::*;

fn who(name: &str) -> Assignee {
    Assignee { email: format!("{name}@mssp.example"), name: name.into() }
}

#[test]
fn who_says_nothing_for_thirty_seconds_is_gone_and_nobody_is_there_twice() {
    let (presence, workspace) = (Presence::default(), WorkspaceId::from("w"));
    assert_eq!(presence.look(&workspace, "i", who("ana"), 0), [who("ana")]);
    assert_eq!(presence.look(&workspace, "i", who("bob"), 10_000_000), [who("ana"), who("bob")]);
    assert_eq!(presence.look(&workspace, "i", who("bob"), 20_000_000), [who("ana"), who("bob")]);
    assert_eq!(presence.at(&workspace, "i", LIFE_US), [who("bob")]);
    assert_eq!(presence.at(&workspace, "other", 20_000_000), []);
    assert_eq!(presence.at(&WorkspaceId::from("v"), "i", 20_000_000), [], "another workspace's is another one");
    assert_eq!(presence.leave(&workspace, "i", "bob@mssp.example", 20_000_000), [who("ana")]);
    assert_eq!(presence.leave(&workspace, "i", "ana@mssp.example", 20_000_000), []);
    assert!(presence.places().is_empty(), "nothing is kept of it");
}

#[test]
fn a_row_shows_ten_and_memory_is_bounded() {
    let (presence, workspace) = (Presence::default(), WorkspaceId::from("w"));
    for n in 0..100 {
        presence.look(&workspace, "i", who(&format!("p{n}")), 0);
    }
    assert_eq!(presence.at(&workspace, "i", 0).len(), SHOWN);
    assert_eq!(presence.places().values().map(Vec::len).sum::<usize>(), KEPT);
    for n in 0..INVESTIGATIONS + 10 {
        presence.look(&workspace, &n.to_string(), who("ana"), 0);
    }
    assert_eq!(presence.places().len(), INVESTIGATIONS);
    presence.look(&workspace, "late", who("ana"), LIFE_US);
    assert_eq!(presence.places().len(), 1, "whoever left makes room");
}
