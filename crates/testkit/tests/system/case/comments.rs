//! Comments: who reads them, who takes them back.

use super::Scene;
use bailiwick_api::{Comment, InvestigationDetail, Paged};
use http::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn internal_comments_are_for_technicians_and_only_their_author_takes_them_back() {
    let scene = Scene::start().await;
    let row = scene.sprayed(1).await.remove(0).row;
    let (case, id) = (format!("/{}", row.rrn), row.rrn.rsplit(':').next().unwrap().to_owned());
    let comments = format!("{case}/comments");
    let internal = scene.done("POST", &comments, json!({"body": "between us"})).await;
    let public = scene.done("POST", &comments, json!({"body": "dear customer", "visibility": "public"})).await;
    assert_eq!((internal["visibility"].as_str(), internal["author"]["kind"].as_str()), (Some("INTERNAL"), Some("USER")));
    assert_eq!(public["author"]["email"], scene.ana.email.as_str());
    let listed: Paged<Comment> = serde_json::from_value(scene.done("GET", &comments, Value::Null).await).unwrap();
    assert_eq!(listed.data.iter().map(|c| c.body.as_str()).collect::<Vec<_>>(), ["between us", "dear customer"]);
    let detail = scene.done("GET", &case, Value::Null).await;
    assert_eq!(detail["investigation"]["comment_count"], 2);

    let own: Paged<Comment> = scene.acme.admin.get(&format!("/api/v1/investigations/{id}/comments")).await.unwrap();
    assert_eq!(own.data.iter().map(|c| c.body.as_str()).collect::<Vec<_>>(), ["dear customer"]);
    let seen: InvestigationDetail = scene.acme.admin.get(&format!("/api/v1/investigations/{id}")).await.unwrap();
    assert_eq!(seen.investigation.comment_count, 1, "what is internal is not counted");
    let told: Vec<_> = seen.history.iter().filter(|h| h.field == "comment").map(|h| h.to.as_deref()).collect();
    assert_eq!(told, [Some("PUBLIC")], "nor told by the history");

    let one = format!("{comments}/{}", internal["id"].as_str().unwrap());
    assert_eq!(scene.call_as(&scene.bob, "DELETE", &one, Value::Null).await.refusal(), (403, "NOT_AUTHOR", ""));
    let shown = scene.call_as(&scene.bob, "PUT", &format!("{one}/visibility"), json!({"visibility": "PUBLIC"})).await;
    assert_eq!((shown.status, shown.body["visibility"].as_str()), (200, Some("PUBLIC")));
    let own: Paged<Comment> = scene.acme.admin.get(&format!("/api/v1/investigations/{id}/comments")).await.unwrap();
    assert_eq!(own.data.len(), 2);
    assert_eq!(scene.call("DELETE", &one, Value::Null).await.status, 204);
    assert_eq!(scene.call("DELETE", &one, Value::Null).await.status, 404);

    let version = scene.done("GET", &case, Value::Null).await["investigation"]["version"].as_i64();
    assert_eq!(version, Some(row.version), "comments move no version");
    scene.done("PUT", &format!("{case}/status/closed"), json!({"disposition": "BENIGN"})).await;
    scene.done("POST", &comments, json!({"body": "after the end"})).await;
    let empty = scene.call("POST", &comments, json!({"body": " "})).await;
    assert_eq!(empty.refusal(), (400, "INVALID_INPUT", "body"));
    let verbs: Vec<String> = scene.done("GET", &format!("{case}/audit"), Value::Null).await["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["verb"].as_str().unwrap().to_owned())
        .collect();
    for verb in ["investigation.comment.add", "investigation.comment.remove", "investigation.comment.visibility", "investigation.update"] {
        assert!(verbs.iter().any(|v| v == verb), "{verb}: {verbs:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_customers_administrator_writes_what_everybody_reads() {
    let scene = Scene::start().await;
    let row = scene.sprayed(1).await.remove(0).row;
    let (comments, id) = (format!("/{}/comments", row.rrn), row.rrn.rsplit(':').next().unwrap().to_owned());
    let (admin, own) = (&scene.acme.admin, format!("/api/v1/investigations/{id}/comments"));
    let written: Comment = admin.call(Method::POST, &own, Some(&json!({"body": "It was our scanner"}))).await.unwrap();
    assert_eq!((written.visibility.as_str(), written.author.email.as_str()), ("PUBLIC", scene.acme.credentials.user.as_str()));
    let listed: Paged<Comment> = serde_json::from_value(scene.done("GET", &comments, Value::Null).await).unwrap();
    assert_eq!(listed.data.iter().map(|c| c.body.as_str()).collect::<Vec<_>>(), ["It was our scanner"]);
    let refused = admin.call::<Comment>(Method::POST, &own, Some(&json!({"body": "x", "visibility": "INTERNAL"}))).await.unwrap_err();
    assert_eq!(refused.code(), Some("UNKNOWN_FIELD"));
    let one = format!("{comments}/{}", written.id);
    assert_eq!(scene.call("DELETE", &one, Value::Null).await.refusal(), (403, "NOT_AUTHOR", ""));
    let theirs = scene.done("POST", &comments, json!({"body": "Thank you", "visibility": "PUBLIC"})).await;
    let refused = admin.call::<()>(Method::DELETE, &format!("{own}/{}", theirs["id"].as_str().unwrap()), None::<&Value>).await.unwrap_err();
    assert_eq!(refused.code(), Some("NOT_AUTHOR"));
    admin.call::<()>(Method::DELETE, &format!("{own}/{}", written.id), None::<&Value>).await.unwrap();
}
