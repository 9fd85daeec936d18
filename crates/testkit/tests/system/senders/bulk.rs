//! Elasticsearch's bulk by hand: a result for every item, safe retries, and the questions clients ask at their start.

use super::Scene;
use bailiwick_testkit::{Setup, World, call};
use serde_json::{Value, json};

fn body(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn statuses(answer: &Value) -> Vec<(String, u64)> {
    let item = |item: &Value| {
        let (action, outcome) = item.as_object().unwrap().iter().next().unwrap();
        (action.clone(), outcome["status"].as_u64().unwrap())
    };
    answer["items"].as_array().unwrap().iter().map(item).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_item_gets_its_result_and_the_good_ones_are_found() {
    let scene = Scene::start().await;
    let lines = format!(
        "{}{{\"create\":{{}}}}\nno json\n{{\"create\":{{}}}}\n{{\"long\":\"{}\"}}\n{{\"delete\":{{\"_id\":\"1\"}}}}\n{{\"update\":{{\"_id\":\"1\"}}}}\n{{}}\n",
        body(&[
            json!({"create": {"_index": "logs-web", "_id": "1"}}),
            json!({"message": "markone"}),
            json!({"index": {"_index": "logs-web"}}),
            json!({"message": "marktwo"}),
            json!({"create": {"_index": "logs-web", "_id": "1"}}),
            json!({"message": "markthree"}),
        ]),
        "x".repeat(2 << 20)
    );
    let answer = scene.send("ApiKey", "POST", "/logs/_bulk?filter_path=errors,items&refresh=wait_for&pretty", &[], lines).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.headers["x-elastic-product"], "Elasticsearch");
    let wanted = [("create", 201), ("index", 201), ("create", 409), ("create", 400), ("create", 201), ("delete", 400), ("update", 400)];
    assert_eq!(statuses(&answer.body), wanted.map(|(action, status)| (action.to_owned(), status)));
    assert_eq!(answer.body["errors"], true);
    assert_eq!(answer.body["items"][2]["create"]["error"]["type"], "version_conflict_engine_exception");
    assert_eq!(answer.body["items"][0]["create"]["_index"], "logs-web");
    assert_eq!(answer.body["items"][3]["create"]["_index"], "logs");
    let (stored, _) = scene.stored().await;
    assert_eq!(stored, 3);
    assert_eq!(scene.site.search("reason_code:TOO_LONG").await.unwrap().len(), 1);
    let raws = scene.raws().await;
    assert!(raws.contains(&"{\"message\":\"markone\"}".to_owned()) && raws.contains(&"{\"message\":\"marktwo\"}".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_stores_nothing_twice_also_when_part_of_it_is_new_and_after_a_restart() {
    let mut scene = Scene::start().await;
    let documents = |range: std::ops::Range<u32>, action: &str| -> String {
        range.map(|n| body(&[json!({action: {"_index": "i", "_id": format!("doc {n}")}}), json!({"n": n})])).collect()
    };
    let send = async |scene: &Scene, body: String| {
        let answer = scene.send("ApiKey", "PUT", "/_bulk", &[], body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        statuses(&answer.body).into_iter().map(|(_, status)| status).collect::<Vec<_>>()
    };
    assert_eq!(send(&scene, documents(0..50, "create")).await, [201; 50]);
    assert_eq!(send(&scene, documents(40..60, "create")).await, [[409; 10], [201; 10]].concat());
    assert_eq!(send(&scene, documents(0..3, "index")).await, [201; 3]);
    assert_eq!(send(&scene, documents(0..3, "index")).await, [200; 3]);
    // Once from memory, once from the table: a stop writes everything to files.
    for _ in 0..2 {
        scene.world.nodes[0].start_again().await.unwrap();
        assert_eq!(send(&scene, documents(0..60, "create")).await, [409; 60]);
        assert_eq!(send(&scene, documents(0..4, "index")).await[..3], [200; 3]);
    }
    assert_eq!(scene.stored().await.0, 64);
    let other = body(&[json!({"create": {"_index": "other", "_id": "doc 1"}}), json!({"n": 1})]);
    assert_eq!(send(&scene, other).await, [201], "an id is one of its index");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_documents_sent_at_the_same_time_are_stored_once() {
    let scene = Scene::start().await;
    let documents: String = (0..200).map(|n| body(&[json!({"create": {"_id": n.to_string()}}), json!({"n": n})])).collect();
    let sends = (0..4).map(|_| scene.send("ApiKey", "POST", "/_bulk", &[], documents.clone()));
    let answers = futures_util::future::join_all(sends).await;
    let all: Vec<u64> = answers.iter().flat_map(|answer| statuses(&answer.body)).map(|(_, status)| status).collect();
    assert_eq!(all.iter().filter(|status| **status == 201).count(), 200);
    assert!(all.iter().all(|status| [201, 409, 429].contains(status)));
    assert_eq!(scene.stored().await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_cannot_be_divided_is_refused_as_a_whole_in_elasticsearchs_words() {
    let scene = Scene::start().await;
    let good = "{\"index\":{}}\n{\"a\":1}\n";
    for bad in ["{\"what\":{}}\n{}\n", "words\n", "{\"index\":{}}\n", "{\"index\":{}}\n{}"] {
        let answer = scene.send("ApiKey", "POST", "/i/_bulk", &[], format!("{good}{bad}")).await;
        assert_eq!((answer.status, answer.body["error"]["type"].as_str()), (400, Some("illegal_argument_exception")), "{bad}: {answer:?}");
        assert_eq!(answer.headers["x-elastic-product"], "Elasticsearch");
    }
    assert_eq!(scene.stored().await.0, 0);
    let headers = [("authorization", "ApiKey bwk_acme_wrong".to_owned())];
    let answer = call(&scene.world.transport, "POST", &format!("{}/_bulk", scene.url()), &headers, good.into()).await.unwrap();
    assert_eq!((answer.status, answer.body["error"]["type"].as_str(), answer.body["status"].as_u64()), (401, Some("security_exception"), Some(401)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_clients_ask_at_their_start_is_answered_and_browsers_still_get_the_page() {
    let scene = Scene::start().await;
    let root = scene.send("ApiKey", "GET", "/", &[("accept", "application/vnd.elasticsearch+json; compatible-with=9")], "").await;
    assert_eq!((root.status, root.headers["x-elastic-product"].to_str().unwrap()), (200, "Elasticsearch"));
    assert!(root.body["version"]["number"].as_str().unwrap().starts_with('9'));
    let asked = [
        "/",
        "/_license",
        "/_xpack",
        "/_cluster/health?timeout=5s",
        "/_cat/health",
        "/_index_template/logs",
        "/_template/logs",
        "/_component_template/x",
        "/_ilm/policy/logs",
        "/_ingest/pipeline/logs",
        "/_data_stream/logs-a-b",
        "/logs",
    ];
    for path in asked {
        for method in ["GET", "HEAD"] {
            let answer = scene.send("ApiKey", method, path, &[], "").await;
            assert_eq!((answer.status, answer.headers["x-elastic-product"].to_str().unwrap()), (200, "Elasticsearch"), "{method} {path}");
        }
    }
    for path in ["/_index_template/logs", "/_ilm/policy/logs?pretty", "/_ingest/pipeline/logs", "/logs-000001"] {
        let answer = scene.send("ApiKey", "PUT", path, &[], "{}").await;
        assert_eq!((answer.status, answer.body["acknowledged"].as_bool()), (200, Some(true)), "{path}");
    }
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8".to_owned())];
    for path in ["/", "/sources", "/sign-in?next=x"] {
        let page = call(&scene.world.transport, "GET", &format!("{}{path}", scene.url()), &browser, Vec::new()).await.unwrap();
        assert_eq!(page.body, "the pages were not built into this binary", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_one_source_says_nothing_about_another() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let (one, two) = (world.site(0, "One").await.unwrap(), world.site(0, "Two").await.unwrap());
    let second = one.admin.add_source(&bailiwick_api::NewSource::new("Second", "second")).await.unwrap();
    for key in [&one.ingest_key, &two.ingest_key, &second.ingest_key] {
        let headers = [("authorization", format!("ApiKey {key}"))];
        let document = "{\"create\":{\"_id\":\"1\"}}\n{}\n";
        let answer = call(&world.transport, "POST", &format!("{}/_bulk", world.nodes[0].url()), &headers, document.into()).await.unwrap();
        assert_eq!(statuses(&answer.body), [("create".to_owned(), 201)]);
    }
}
