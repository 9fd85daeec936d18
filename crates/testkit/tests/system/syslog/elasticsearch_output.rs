//! rsyslog's Elasticsearch output sends to the node's `_bulk`, as to any Elasticsearch.

use super::{Bench, clients::Client};

const LINES: usize = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_rsyslog_sends_to_bulk_is_found() {
    let bench = Bench::start().await;
    let source = bench.source("bulk", |_| {}).await;
    let node = bench.world.nodes[0].address();
    let action = format!(
        "module(load=\"omelasticsearch\")\n\
         template(name=\"event\" type=\"list\" option.jsonf=\"on\") {{\n\
           property(outname=\"@timestamp\" name=\"timereported\" dateFormat=\"rfc3339\" format=\"jsonf\")\n\
           property(outname=\"host\" name=\"hostname\" format=\"jsonf\")\n\
           property(outname=\"program\" name=\"programname\" format=\"jsonf\")\n\
           property(outname=\"message\" name=\"msg\" format=\"jsonf\")\n}}\n\
         action(type=\"omelasticsearch\" server=\"{}\" serverport=\"{}\" template=\"event\" searchIndex=\"syslog\" searchType=\"\" bulkmode=\"on\"\n\
                uid=\"bailiwick\" pwd=\"{}\" usehttps=\"off\" errorFile=\"/dev/stderr\")\n",
        node.ip(),
        node.port(),
        source.ingest_key
    );
    let rsyslog = Client::rsyslog(&action).await;
    let lines: Vec<String> = (0..LINES).map(|n| format!("bulkmark{n} said")).collect();
    rsyslog.give("app", &lines);
    let rows = bench.found(&source, "said", LINES).await;
    for n in 0..LINES {
        let row = rows.iter().find(|row| row.raw.contains(&format!("bulkmark{n} "))).unwrap_or_else(|| panic!("line {n}: {}", rsyslog.said()));
        assert_eq!(row.reason_code, None, "{row:?}");
        assert!(row.raw.contains("web-01") && row.raw.contains("\"app\""), "{row:?}");
    }
}
