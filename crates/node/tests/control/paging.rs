//! Paging over several workspaces gives what one naive sort of all rows gives, page size and filter whatever they are.

use crate::support::{Bench, CONSOLE, Case, DEADLINE};
use bailiwick_api::{Ask, AskInvestigations, InvestigationRow, Priority, Role, RowFilter, Sort, SortKey, Status};
use bailiwick_client::{NodeClient, SigningKey};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

const SORTS: [Sort; 4] = [Sort::PRIORITY, Sort::NEWEST, Sort::OLDEST, Sort::UPDATED];
const CASES: u32 = 25;

#[derive(Clone, Debug)]
struct Plan {
    rows: Vec<(bool, i64, i64, i64, bool, bool)>,
    sort: usize,
    limit: u32,
    filter: usize,
}

fn plans() -> impl Strategy<Value = Plan> {
    let row = (any::<bool>(), 0..5_i64, 0..6_i64, 0..4_i64, any::<bool>(), any::<bool>());
    (proptest::collection::vec(row, 0..40), 0..4_usize, 1..9_u32, 0..5_usize).prop_map(|(rows, sort, limit, filter)| Plan {
        rows,
        sort,
        limit,
        filter,
    })
}

fn filter(of: usize) -> RowFilter {
    let all = RowFilter::default();
    match of {
        0 => all,
        1 => RowFilter { statuses: Some(vec![Status::Open, Status::Waiting]), ..all },
        2 => RowFilter { q: Some("NEEDLE dc".into()), ..all },
        3 => RowFilter { tags: Some(vec!["vip".into()]), priorities: Some(vec![Priority::High, Priority::Critical]), ..all },
        _ => RowFilter { from: chrono::DateTime::from_timestamp_micros(2), to: chrono::DateTime::from_timestamp_micros(5), ..all },
    }
}

fn matches(filter: &RowFilter, row: &InvestigationRow) -> bool {
    let created = row.created_time;
    filter.statuses.as_ref().is_none_or(|s| s.contains(&row.status))
        && filter.priorities.as_ref().is_none_or(|p| p.contains(&row.priority))
        && filter.tags.as_ref().is_none_or(|t| t.iter().all(|t| row.tags.contains(t)))
        && filter.q.as_ref().is_none_or(|_| row.title.contains("Needle"))
        && filter.from.is_none_or(|from| created >= from)
        && filter.to.is_none_or(|to| created < to)
}

async fn pages(bench: &Bench, client: &NodeClient, ask: &AskInvestigations) -> (Vec<InvestigationRow>, u64) {
    let (mut all, mut ask) = (Vec::new(), ask.clone());
    loop {
        let answer = client.investigations(&bench.caller("ana@mssp.example"), &ask, DEADLINE).await.unwrap();
        assert!(answer.rows.len() <= ask.limit as usize);
        assert!(answer.workspaces.iter().all(|w| w.error.is_none()), "{:?}", answer.workspaces);
        let count = answer.workspaces.iter().filter_map(|w| w.answer).sum();
        all.extend(answer.rows);
        if !answer.more {
            return (all, count);
        }
        ask.after = all.last().map(|row| ask.sort.key(row, ""));
    }
}

#[tokio::test]
async fn pages_are_slices_of_one_sort() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let sites = [bench.site(&operator, "acme").await, bench.site(&operator, "beta").await];
    let key = SigningKey::generate().unwrap();
    let mut dbs = Vec::new();
    for site in &sites {
        let client = bench.enrol(site, CONSOLE, &key).await;
        bench.technician(&client, site, "ana@mssp.example", Role::Viewer).await;
        dbs.push(bench.db(site).await);
    }
    let client = bench.client(CONSOLE, &key);
    let workspaces: Vec<_> = sites.iter().map(|s| Ask { workspace: s.id.clone(), role: Role::Viewer }).collect();
    let mut runner = TestRunner::new(Config::default());
    for _ in 0..CASES {
        let plan = plans().new_tree(&mut runner).unwrap().current();
        for db in &dbs {
            let mut tx = db.begin().await.unwrap();
            sqlx::query("delete from investigation").execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        for (n, (second, priority, created, later, needle, vip)) in plan.rows.iter().enumerate() {
            let case = Case {
                title: if *needle { "a Needle".into() } else { "hay".into() },
                status: ["OPEN", "INVESTIGATING", "WAITING", "CLOSED"][n % 4],
                priority: *priority,
                tags: if *vip { vec!["vip".into()] } else { vec![] },
                created: *created,
                updated: created + later,
                ..Case::new(&format!("id{:02}", n * 7 % 100))
            };
            case.insert(&dbs[usize::from(*second)]).await;
        }
        let everything = AskInvestigations {
            workspaces: workspaces.clone(),
            filter: RowFilter::default(),
            sort: Sort::NEWEST,
            limit: 500,
            after: None,
            names: Default::default(),
        };
        let (mut expected, _) = pages(&bench, &client, &everything).await;
        assert_eq!(expected.len(), plan.rows.len());
        let (sort, filter) = (SORTS[plan.sort], filter(plan.filter));
        expected.retain(|row| matches(&filter, row));
        expected.sort_by(|a, b| sort.compare_rows((a, ""), (b, "")));
        let ask = AskInvestigations { filter, sort, limit: plan.limit, ..everything };
        let (got, count) = pages(&bench, &client, &ask).await;
        assert_eq!(got, expected, "{plan:?}");
        assert_eq!(count, expected.len() as u64, "{plan:?}");
    }
}

#[tokio::test]
async fn a_page_has_bounds_and_begins_strictly_after_its_key() {
    let bench = Bench::start().await;
    let operator = bench.operator().await;
    let site = bench.site(&operator, "acme").await;
    let client = bench.enrol(&site, CONSOLE, &SigningKey::generate().unwrap()).await;
    bench.technician(&client, &site, "ana@mssp.example", Role::Viewer).await;
    Case::new("a").insert(&bench.db(&site).await).await;
    let workspaces = vec![Ask { workspace: site.id.clone(), role: Role::Viewer }];
    let ask = AskInvestigations { workspaces, filter: RowFilter::default(), sort: Sort::PRIORITY, limit: 1, after: None, names: Default::default() };
    let ana = bench.caller("ana@mssp.example");
    for limit in [0, 501] {
        let refused = crate::support::refused(client.investigations(&ana, &AskInvestigations { limit, ..ask.clone() }, DEADLINE).await);
        assert_eq!(refused.field.as_deref(), Some("limit"));
    }
    let row = client.investigations(&ana, &ask, DEADLINE).await.unwrap().rows.remove(0);
    let key = Sort::PRIORITY.key(&row, "");
    let elsewhere = |rrn: &str| SortKey { rrn: rrn.into(), ..key.clone() };
    for (after, rows) in [(key.clone(), 0), (elsewhere("rrn:investigation:aa"), 1), (elsewhere("rrn:investigation:zz"), 0)] {
        let page = client.investigations(&ana, &AskInvestigations { after: Some(after.clone()), ..ask.clone() }, DEADLINE).await.unwrap();
        assert_eq!(page.rows.len(), rows, "{after:?}");
    }
    let nothing = AskInvestigations { filter: RowFilter { statuses: Some(vec![]), ..RowFilter::default() }, ..ask };
    assert_eq!(client.investigations(&ana, &nothing, DEADLINE).await.unwrap().rows, [], "an empty list means none");
}
