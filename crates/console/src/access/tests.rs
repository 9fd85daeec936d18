//! Who may do what, as one table that is reviewed as a diff, and what "none" and "hidden" mean.

use super::*;
use crate::{Console, ConsoleConfig, Database, links};
use ::http::{StatusCode, header};
use axum::{body::Body, extract::Request};
use bailiwick_chassis::{routes::Guard, sessions};
use std::fmt::Write;
use tempfile::TempDir;

/// Who, their role at the console, and the role granted on the customer `granted`.
const PERSONAS: &[(&str, Option<Role>, Option<Role>)] = &[
    ("signed out", None, None),
    ("viewer with grant", Some(Role::Viewer), Some(Role::Viewer)),
    ("viewer granted analyst", Some(Role::Viewer), Some(Role::Analyst)),
    ("analyst without grant", Some(Role::Analyst), None),
    ("analyst with grant", Some(Role::Analyst), Some(Role::Analyst)),
    ("analyst granted viewer", Some(Role::Analyst), Some(Role::Viewer)),
    ("administrator without grant", Some(Role::Administrator), None),
    ("administrator with grant", Some(Role::Administrator), Some(Role::Administrator)),
];

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../golden/console-access.txt");

struct Stage {
    console: Console,
    _dir: TempDir,
}

impl Stage {
    /// A console with two customers on a node nobody runs, and every persona.
    async fn new(name_hidden_customers: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::File(dir.path().join("console.db"));
        let config = ConsoleConfig { name_hidden_customers, ..ConsoleConfig::new(database, "127.0.0.1:0".parse().unwrap(), |_| None) };
        let stage = Self { console: Console::start(config).await.unwrap(), _dir: dir };
        links::testing::nobody(stage.state()).await;
        for name in ["granted", "other"] {
            let text = "insert into customers (id, name, name_key, mail, region, node, workspace, is_primary, created, created_by) \
                        values ($1, $1, $1, 'a@b.co', 'eu', 'node-1', $1, 0, 0, 'test')";
            stage.run(text, &[name]).await;
            stage.run("insert into health (customer_id, state, since) values ($1, 'up', 0)", &[name]).await;
        }
        for (name, role, grant) in PERSONAS {
            let Some(role) = role else { continue };
            let text = "insert into users (id, email, email_key, name, role, password, created) values ($1, $1, $1, $1, $2, 'x', 0)";
            stage.run(text, &[name, role.as_str()]).await;
            if let Some(grant) = grant {
                let text = "insert into grants (id, user_id, customer_id, desired, state, revision, granted_by, updated) \
                            values ($1, $1, 'granted', $2, 'APPLIED', 1, $1, 0)";
                stage.run(text, &[name, grant.as_str()]).await;
                let text = "insert into delegations (id, user_id, subject, customer_id, role, delegated_by, created) \
                            values ($1, $1, 'granted', 'granted', $2, $1, 0)";
                stage.run(text, &[name, grant.as_str()]).await;
            }
        }
        stage
    }

    fn state(&self) -> &State {
        self.console.state()
    }

    async fn run(&self, text: &'static str, values: &[&str]) {
        let mut query = sqlx::query(text);
        for value in values {
            query = query.bind((*value).to_owned());
        }
        query.execute(self.state().db.pool()).await.unwrap();
    }

    /// What the guard says to a persona with a session, as in a request.
    async fn admit(&self, persona: &str, policy: Policy) -> Result<Actor, Refusal> {
        let begun = sessions::begin(&self.state().db, persona, self.state().clock.now_us()).await.unwrap();
        let mut request = Request::builder().uri("/");
        if persona != "signed out" {
            request = request.header(header::COOKIE, format!("{COOKIE}={}", begun.token));
        }
        let admitted = self.state().admit(policy, request.body(Body::empty()).unwrap()).await?;
        Ok(admitted.extensions().get::<Actor>().unwrap().clone())
    }

    async fn actor(&self, persona: &str) -> Actor {
        self.admit(persona, Policy::SignedIn).await.unwrap()
    }

    /// One row of the table: the route's gate, then each resource.
    async fn row(&self, persona: &str, action: Action) -> String {
        let mut cells = vec![cell(&self.admit(persona, Policy::May(action)).await)];
        let actor = self.admit(persona, Policy::SignedIn).await;
        for resource in ["granted", "other", "unknown"] {
            let Ok(actor) = &actor else {
                cells.push(cell(&actor));
                continue;
            };
            let by_id = cell(&enter(self.state(), actor, action, &resource.into()).await);
            let rrn = format!("rrn:investigation:eu:{resource}:investigation:1").parse().unwrap();
            let by_rrn = cell(&enter_workspace(self.state(), actor, action, &rrn).await);
            assert_eq!(by_id, by_rrn, "{persona} {action:?} {resource}: by id and by rrn");
            cells.push(by_id);
        }
        format!("{persona:<28} {:<20} {:<9} {:<9} {:<9} {}", action.as_str(), cells[0], cells[1], cells[2], cells[3])
    }
}

fn cell<T>(outcome: &Result<T, Refusal>) -> String {
    outcome.as_ref().map_or_else(|refusal| refusal.status().as_u16().to_string(), |_| "yes".into())
}

#[tokio::test]
async fn the_access_table_is_the_golden_one() {
    let stage = Stage::new(false).await;
    let mut table = format!("{:<28} {:<20} {:<9} {:<9} {:<9} {}\n", "persona", "action", "console", "granted", "other", "unknown");
    for (persona, ..) in PERSONAS {
        for action in Action::ALL {
            writeln!(table, "{}", stage.row(persona, *action).await).unwrap();
        }
    }
    stage.console.stop().await;
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &table).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(golden == table, "the access table changed; look at the difference after UPDATE_GOLDEN=1 and review it\n{table}");
}

#[tokio::test]
async fn an_empty_choice_means_none_and_no_choice_means_all_one_has_a_grant_for() {
    let stage = Stage::new(false).await;
    let actor = stage.actor("analyst with grant").await;
    let none = reach(stage.state(), &actor, Action::ViewInvestigations, Some(&[])).await.unwrap();
    assert!(none.grants.is_empty() && none.skipped.is_empty());
    let all = reach(stage.state(), &actor, Action::ViewInvestigations, None).await.unwrap();
    assert_eq!(all.grants.iter().map(|g| g.customer().id.as_str()).collect::<Vec<_>>(), ["granted"]);
    assert_eq!(all.skipped, [Skipped { customer: None, count: 1, reason: SkipReason::NoGrant }]);
    stage.console.stop().await;
}

#[tokio::test]
async fn a_hidden_customer_and_one_that_does_not_exist_look_the_same() {
    let stage = Stage::new(false).await;
    let actor = stage.actor("analyst with grant").await;
    let ask = async |id: &str| reach(stage.state(), &actor, Action::ViewInvestigations, Some(&[id.into()])).await.unwrap();
    let (hidden, unknown) = (ask("other").await, ask("never-was").await);
    assert_eq!(hidden.skipped, unknown.skipped);
    assert_eq!(hidden.skipped, [Skipped { customer: None, count: 1, reason: SkipReason::NoGrant }]);
    assert!(hidden.grants.is_empty() && unknown.grants.is_empty());
    stage.console.stop().await;
}

#[tokio::test]
async fn who_may_know_all_names_is_told_which_customer_does_not_exist() {
    let (stage, open) = (Stage::new(false).await, Stage::new(true).await);
    for (stage, persona) in [(&stage, "administrator without grant"), (&open, "analyst with grant")] {
        let actor = stage.actor(persona).await;
        let wrong: [CustomerId; 2] = ["other".into(), "never-was".into()];
        let refusal = reach(stage.state(), &actor, Action::ViewInvestigations, Some(&wrong)).await.unwrap_err();
        assert_eq!((refusal.status(), refusal.code()), (StatusCode::BAD_REQUEST, "UNKNOWN_CUSTOMER"));
        assert!(refusal.problem().detail.unwrap().contains("never-was"));
        let reach = reach(stage.state(), &actor, Action::ViewInvestigations, Some(&wrong[..1])).await.unwrap();
        assert_eq!(reach.skipped[0].customer.as_ref().unwrap().name, "other");
    }
    stage.console.stop().await;
    open.console.stop().await;
}

#[tokio::test]
async fn the_lower_of_both_roles_goes_to_the_node_and_a_grant_being_removed_counts_at_once() {
    let stage = Stage::new(false).await;
    let actor = stage.actor("viewer granted analyst").await;
    let grant = enter(stage.state(), &actor, Action::ViewInvestigations, &"granted".into()).await.unwrap();
    assert_eq!(grant.role(), Role::Viewer);
    stage.run("update grants set desired = null, applied = 'analyst' where user_id = $1", &["viewer granted analyst"]).await;
    let refusal = enter(stage.state(), &actor, Action::ViewInvestigations, &"granted".into()).await.unwrap_err();
    assert_eq!(refusal.status(), StatusCode::NOT_FOUND);
    stage.console.stop().await;
}
