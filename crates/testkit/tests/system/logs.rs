//! Sums and SQL over one customer's logs, asked at the console: answered by that customer's node alone, and stopped there too.

use bailiwick_api::{AuditEntry, Facets, Histogram, List, Paged, Role, RunningSql, Scoped, SqlAnswer, SqlQuery};
use bailiwick_client::ClientError;
use bailiwick_testkit::{Person, Registered, Setup, World, events};
use serde_json::{Value, json};
use std::time::Duration;

const ENDLESS: &str = "select count(*) from events a, events b, events c, events d, events e
    where regexp_like(concat_ws('-', a.id, b.id, c.id, d.id, e.id, a.id, b.id, c.id, d.id, e.id), 'x[0-9]+y.*z')";

async fn post<T: serde::de::DeserializeOwned>(
    person: &Person,
    customer: &Registered,
    noun: &str,
    body: &impl serde::Serialize,
) -> Result<T, ClientError> {
    person.client.call("POST".parse().unwrap(), &format!("/api/v1/customers/{}/{noun}", customer.customer.id), Some(body)).await
}

fn code<T>(result: Result<T, ClientError>) -> (u16, String) {
    match result {
        Err(ClientError::Refused(problem)) => (problem.status, problem.code),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("was not refused"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_analyst_sums_up_and_questions_one_customers_logs() {
    let mut world = World::start(Setup::new(&["eu", "us"])).await.unwrap();
    let (near, far) = (world.customer(0, "Near").await.unwrap(), world.customer(1, "Far").await.unwrap());
    let ana = world.granted("ana", Role::Analyst, &[&near, &far]).await.unwrap();
    let vic = world.granted("vic", Role::Viewer, &[&near]).await.unwrap();
    near.send(&events::spray("dc01.corp.example", "203.0.113.1")).await.unwrap();
    near.send(&events::spray("dc02.corp.example", "203.0.113.2")).await.unwrap();

    let told: Scoped<Histogram> = post(&ana, &near, "logs/histogram", &json!({"query": "event.code:4625", "buckets": 10})).await.unwrap();
    assert_eq!((told.answer.total, told.scope.complete, told.scope.answered), (24, true, 1));
    assert_eq!(told.answer.data.iter().map(|bucket| bucket.records).sum::<u64>(), 24);
    let ask = json!({"query": "event.code:4625", "fields": ["host.name", "source.ip", "LogonType"]});
    let told: Scoped<Facets> = post(&ana, &near, "logs/facets", &ask).await.unwrap();
    let values = |at: usize| told.answer.data[at].values.iter().map(|value| (value.value.as_str(), value.rows)).collect::<Vec<_>>();
    assert_eq!(values(0), [("dc01.corp.example", 12), ("dc02.corp.example", 12)]);
    assert_eq!((values(1).len(), values(2)), (2, vec![("3", 24)]));

    let sql = "select host_name, count(*) as n from records where event_code = '4625' and field(fields, 'LogonType') = '3' group by 1 order by 1";
    let told: SqlAnswer = post(&ana, &near, "sql", &SqlQuery::new(sql)).await.unwrap();
    assert_eq!(told.rows, [[json!("dc01.corp.example"), json!(12)], [json!("dc02.corp.example"), json!(12)]]);
    let other: SqlAnswer = post(&ana, &far, "sql", &SqlQuery::new("select count(*) from events")).await.unwrap();
    assert_eq!(other.rows, [[json!(0)]], "another customer's are not among them");
    match post::<Value>(&ana, &near, "sql", &SqlQuery::new("select id\nfrom evnts")).await {
        Err(ClientError::Refused(problem)) => {
            let position = problem.position.unwrap();
            assert_eq!((problem.code.as_str(), position.offset, position.line, position.column), ("SQL_INVALID", 15, 2, 6));
        }
        other => panic!("{other:?}"),
    }
    for (noun, body) in [("logs/histogram", json!({})), ("logs/facets", json!({})), ("sql", json!({"sql": "select 1"}))] {
        assert_eq!(code(post::<Value>(&vic, &near, noun, &body).await).0, 403, "{noun}");
        assert_eq!(code(post::<Value>(&vic, &far, noun, &body).await).0, 404, "{noun}");
        let mut unknown = body.clone();
        unknown["colour"] = json!(1);
        assert_eq!(code(post::<Value>(&ana, &near, noun, &unknown).await), (400, "UNKNOWN_FIELD".into()), "{noun}");
    }
    stop_one(&ana, &near).await;
    let audit: Paged<AuditEntry> = world.administrator.client.audit().await.unwrap();
    for verb in ["logs.histogram", "logs.facets", "sql.run", "sql.stop"] {
        assert!(audit.data.iter().any(|line| line.verb == verb && line.customer.as_ref().is_some_and(|c| c.name == "Near")), "{verb}");
    }
    assert!(!serde_json::to_string(&audit.data).unwrap().contains("dc01"), "nor what was asked");

    world.nodes[1].stop().await;
    let silent: Scoped<Histogram> = post(&ana, &far, "logs/histogram", &json!({})).await.unwrap();
    assert_eq!((silent.scope.complete, silent.scope.failed.len(), silent.answer.data.len()), (false, 1, 0));
    assert_eq!(code(post::<Value>(&ana, &far, "sql", &SqlQuery::new("select 1")).await), (503, "NODE_DOWN".into()));
}

/// A statement that would never end is listed, and stopped.
async fn stop_one(person: &Person, customer: &Registered) {
    let path = format!("/api/v1/customers/{}/sql", customer.customer.id);
    let endless = SqlQuery::new(ENDLESS);
    let stop = async {
        let id = loop {
            let running: List<RunningSql> = person.client.get(&path).await.unwrap();
            match running.data.into_iter().next() {
                Some(running) => break running.id,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        person.client.call::<()>("DELETE".parse().unwrap(), &format!("{path}/{id}"), None::<&()>).await.unwrap();
    };
    let work = post::<SqlAnswer>(person, customer, "sql", &endless);
    let (stopped, ()) = tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(work, stop) }).await.unwrap();
    assert_eq!(code(stopped), (409, "CANCELLED".into()));
}
