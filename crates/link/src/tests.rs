//! Both ends over a pipe in memory: what they prove, what they refuse, and that nothing hangs or grows.
#![allow(clippy::disallowed_methods, reason = "a test owns what it spawns")]

use crate::{
    Answer, Channel, Gone, Guest, Host, LinkError, LinkKey, Offer, Parting, Refused, Verdict, Want,
    messages::{Challenge, Hello},
    serve,
    talk::{Sealed, Step, Talk},
    wire,
};
use axum::{Router, body::Bytes, extract::Path, routing};
use bailiwick_api::{ConsoleId, Enrolment};
use chrono::DateTime;
use futures_util::SinkExt;
use proptest::prelude::*;
use std::time::Duration;
use tokio::{
    io::{DuplexStream, duplex},
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::{Message, protocol::Role};
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(10);

fn pipe() -> (Box<DuplexStream>, Box<DuplexStream>) {
    let (node, console) = duplex(64 << 10);
    (Box::new(node), Box::new(console))
}

fn key() -> LinkKey {
    LinkKey::generate().unwrap()
}

fn connect() -> Want {
    Want::Connect { node: "node-1".into() }
}

/// A console that answers one node with a verdict if it proves this key, and refuses it otherwise.
async fn console(connection: Box<DuplexStream>, key: &LinkKey, node: &LinkKey, verdict: Verdict) -> Result<Answer, LinkError> {
    let id = ConsoleId::from("console-1");
    let host = Host { console: &id, name: "Harbour Security", key };
    let asked = host.ask(connection).await?;
    let answer = asked.answer.clone();
    let refused = || Verdict::Refused(Refused { code: "NO".into(), detail: "not you".into() });
    let verdict = if asked.is_by(&node.public()) { verdict } else { refused() };
    asked.conclude(&host, &verdict).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_code_is_looked_at_and_used_by_whoever_has_it_and_nobody_else() {
    let (ours, code, node, other) = (key(), key(), key(), key());
    let offer = Offer { customer: "Acme".into(), expires_time: DateTime::UNIX_EPOCH };
    let pinned = ours.public().fingerprint();
    let want = || Want::Look { code: "code-1".into() };
    for (mine, good) in [(&code, true), (&other, false)] {
        let (near, far) = pipe();
        let asked = async {
            let met = Guest::new(near).await.greet(want(), &pinned).await.unwrap();
            assert_eq!((met.console.as_str(), met.name.as_str()), ("console-1", "Harbour Security"));
            met.look(mine).await
        };
        let (told, _) = tokio::join!(asked, console(far, &ours, &code, Verdict::Offer(offer.clone())));
        match told {
            Ok(told) => assert!(good && told == offer),
            Err(error) => assert!(!good && error.code() == "NO", "{error}"),
        }
    }
    let (near, far) = pipe();
    let enrolment =
        Enrolment { node: "node-1".into(), region: "eu".into(), version: "1.0.0".into(), workspace: "acme-1".into(), workspace_name: "Acme".into() };
    let used = async {
        let met = Guest::new(near).await.greet(want(), &pinned).await.unwrap();
        met.enrol(&code, &node, enrolment.clone(), SOON).await
    };
    let (told, heard) = tokio::join!(used, console(far, &ours, &node, Verdict::Welcome));
    assert!(matches!(told.unwrap_err(), LinkError::Protocol(text) if text.contains("welcome")), "an answer to another question is none");
    assert!(matches!(heard.unwrap(), Answer::Enrol { enrolment: told, public_key } if told == enrolment && public_key == node.public().to_string()));
}

#[tokio::test]
async fn a_console_with_another_key_is_none_whatever_it_says() {
    let (ours, impostor, node) = (key(), key(), key());
    let (near, far) = pipe();
    let pinned = ours.public().fingerprint();
    let (met, _) =
        tokio::join!(async { Guest::new(near).await.greet(connect(), &pinned).await.map(drop) }, console(far, &impostor, &node, Verdict::Welcome));
    assert!(matches!(met.unwrap_err(), LinkError::WrongConsole(shown) if shown == impostor.public().fingerprint().to_string()));

    // It names the right key and signs with its own.
    let (near, far) = pipe();
    let lie = async {
        let mut talk = Talk::new(far, Role::Server).await;
        let (_, _): (Hello, _) = talk.hear(Step::Hello).await.unwrap();
        let public_key = ours.public().to_string();
        let nonce = "n".repeat(43);
        let challenge = Challenge { protocol: 1, version: "1".into(), console: "console-1".into(), console_name: "x".into(), public_key, nonce };
        talk.say(Step::Challenge, &challenge, &[&impostor]).await.unwrap();
    };
    let (met, ()) = tokio::join!(async { Guest::new(near).await.greet(connect(), &pinned).await.map(drop) }, lie);
    assert!(matches!(met.unwrap_err(), LinkError::Protocol(text) if text.contains("proof")));
}

/// A verdict that makes a node clean up must come from the console itself.
#[tokio::test]
async fn a_refusal_counts_only_when_the_console_signed_it_in_this_very_handshake() {
    let (ours, impostor, node) = (key(), key(), key());
    let pinned = ours.public().fingerprint();
    let ended = || Verdict::Refused(Refused { code: crate::ENROLMENT_ENDED.into(), detail: "gone".into() });
    for signer in [&ours, &impostor] {
        let (near, far) = pipe();
        let id = ConsoleId::from("console-1");
        let host = Host { console: &id, name: "Harbour Security", key: &ours };
        let asked = async { host.ask(far).await.unwrap().conclude(&Host { key: signer, ..host }, &ended()).await };
        let refused = async { Guest::new(near).await.greet(connect(), &pinned).await.unwrap().connect(&node).await };
        let (refused, _) = tokio::join!(refused, asked);
        match refused {
            Ok(Err((LinkError::Refused { code, .. }, _))) => assert!(code == crate::ENROLMENT_ENDED && std::ptr::eq(signer, &ours)),
            Err(LinkError::Protocol(text)) => assert!(text.contains("signed") && std::ptr::eq(signer, &impostor)),
            _ => panic!("neither refused nor found out"),
        }
    }
}

#[tokio::test]
async fn a_node_that_was_let_go_says_farewell_with_its_own_key() {
    let (ours, node, other) = (key(), key(), key());
    for (signer, counts) in [(&node, true), (&other, false)] {
        let (near, far) = pipe();
        let id = ConsoleId::from("console-1");
        let host = Host { console: &id, name: "Harbour Security", key: &ours };
        let dismiss = async {
            let asked = host.ask(far).await.unwrap();
            assert!(asked.is_by(&node.public()));
            let refused = Refused { code: crate::ENROLMENT_ENDED.into(), detail: "gone".into() };
            asked.dismiss(&host, refused, &node.public()).await.unwrap()
        };
        let obey = async {
            let met = Guest::new(near).await.greet(connect(), &ours.public().fingerprint()).await.unwrap();
            let Ok(Err((refused, met))) = met.connect(&node).await else { panic!("not refused") };
            assert_eq!(refused.code(), crate::ENROLMENT_ENDED);
            met.farewell(signer).await.unwrap();
        };
        let (cleaned, ()) = tokio::join!(dismiss, obey);
        assert_eq!(cleaned, counts);
    }
}

/// A link that stands: the channel, and what serves it.
async fn link(channel: &Channel, name: &'static str, stop: &CancellationToken) -> (tokio::task::JoinHandle<Parting>, tokio::task::JoinHandle<Gone>) {
    let (near, far) = pipe();
    let (near, far) = (wire::socket(near, Role::Client).await, wire::socket(far, Role::Server).await);
    let router = Router::new()
        .route("/who", routing::get(move || async move { name }))
        .route("/echo", routing::post(|body: Bytes| async move { body }))
        .route("/bytes/{count}", routing::get(|Path(count): Path<usize>| async move { vec![b'x'; count] }))
        .route("/never", routing::get(|| async { std::future::pending::<()>().await }));
    let (stop, channel, told) = (stop.clone(), channel.clone(), CancellationToken::new());
    let stands = told.clone();
    let held = tokio::task::spawn({
        let stop = stop.clone();
        async move { channel.hold(wire::into_bytes(far), 7, &stop, || stands.cancel()).await.unwrap() }
    });
    let served = tokio::task::spawn(async move { serve(wire::into_bytes(near), router, &stop).await });
    timeout(SOON, told.cancelled()).await.unwrap();
    (held, served)
}

async fn ask(channel: &Channel, method: &str, path: &str, body: Vec<u8>) -> Result<(u16, Vec<u8>), String> {
    let _already_set = rustls::crypto::ring::default_provider().install_default();
    let request = reqwest::Client::new().request(method.parse().unwrap(), format!("http://node.link{path}")).body(body).build().unwrap();
    let exchanged = timeout(SOON, channel.exchange(request, 3 << 20)).await.unwrap();
    exchanged.map(|(status, _, bytes)| (status.as_u16(), bytes)).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_go_over_the_latest_link_and_nowhere_when_there_is_none() {
    let (channel, stop) = (Channel::default(), CancellationToken::new());
    assert_eq!((channel.since_us(), ask(&channel, "GET", "/who", vec![]).await), (None, Err("the node is not connected".into())));
    let (first, served) = link(&channel, "first", &stop).await;
    assert_eq!(ask(&channel, "GET", "/who", vec![]).await.unwrap(), (200, b"first".to_vec()));
    assert_eq!(ask(&channel, "GET", "/nowhere", vec![]).await.unwrap().0, 404);
    let big: Vec<u8> = (0..2_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    assert!(ask(&channel, "POST", "/echo", big.clone()).await.unwrap().1 == big, "large bodies pass whole, both ways");
    assert!(ask(&channel, "GET", "/bytes/4000000", vec![]).await.unwrap_err().contains("more than"), "and no more than asked for is kept");

    let many: Vec<_> = (0..200)
        .map(|n| {
            let channel = channel.clone();
            tokio::task::spawn(async move { ask(&channel, "POST", "/echo", vec![n; 50_000]).await.unwrap().1 == vec![n; 50_000] })
        })
        .collect();
    for one in many {
        assert!(one.await.unwrap());
    }
    let (second, _) = link(&channel, "second", &stop).await;
    assert!(matches!(timeout(SOON, first).await.unwrap().unwrap(), Parting::HungUp), "a second connection replaces the first");
    assert!(matches!(timeout(SOON, served).await.unwrap().unwrap(), Gone::Lost(_)));
    assert_eq!(ask(&channel, "GET", "/who", vec![]).await.unwrap().1, b"second");
    assert_eq!(channel.since_us(), Some(7));
    channel.hang_up();
    assert!(matches!(timeout(SOON, second).await.unwrap().unwrap(), Parting::HungUp));
    assert_eq!((channel.since_us(), ask(&channel, "GET", "/who", vec![]).await.is_err()), (None, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_given_up_does_not_keep_others_waiting_and_a_node_that_stops_ends_the_link() {
    let (channel, stop) = (Channel::default(), CancellationToken::new());
    let (held, served) = link(&channel, "only", &stop).await;
    for _ in 0..300 {
        let request = reqwest::Request::new("GET".parse().unwrap(), "http://node.link/never".parse().unwrap());
        assert!(timeout(Duration::from_millis(2), channel.exchange(request, 10)).await.is_err());
    }
    assert_eq!(ask(&channel, "GET", "/who", vec![]).await.unwrap().1, b"only", "more calls were given up than may be under way");
    stop.cancel();
    let gone = timeout(SOON, served).await.unwrap().unwrap();
    assert!(matches!(gone, Gone::Stopped), "{gone:?}");
    timeout(SOON, held).await.unwrap().unwrap();
    assert_eq!(channel.since_us(), None);
}

#[tokio::test]
async fn what_is_no_handshake_ends_it_at_once_or_in_time() {
    let ours = key();
    let id = ConsoleId::from("console-1");
    let host = Host { console: &id, name: "Harbour Security", key: &ours };
    let texts = ["", "{}", "null", "[]", "{\"body\":\"{}\"}", "{\"body\":\"\",\"proofs\":[\"a\",\"b\",\"c\"]}", "{\"body\":{\"protocol\":1}}"];
    let messages = texts.iter().map(|text| Message::text(*text)).chain([
        Message::text("x".repeat(wire::MAX_TEXT + 1)),
        Message::binary(vec![0; 100]),
        Message::binary(vec![0; 1 << 20]),
        Message::Close(None),
        Message::text(r#"{"body":"{\"protocol\":9,\"version\":\"1\",\"nonce\":\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\",\"want\":{\"want\":\"look\",\"code\":\"c\"}}"}"#),
    ]);
    for message in messages {
        let (near, far) = pipe();
        let shown = format!("{message:?}").chars().take(80).collect::<String>();
        let speak = async {
            let mut socket = wire::socket(near, Role::Client).await;
            let _other_side_gone = socket.send(message).await;
            socket
        };
        let (asked, _held) = tokio::join!(timeout(SOON, host.ask(far)), speak);
        let error = asked.expect(&shown).map(drop).unwrap_err();
        assert!(matches!(error, LinkError::Protocol(_) | LinkError::Unreachable(_)), "{shown}: {error}");
    }
    // Nobody says anything.
    let (_near, far) = pipe();
    let mut socket = wire::socket(far, Role::Server).await;
    let silent = wire::receive(&mut socket, Instant::now() + Duration::from_millis(50)).await;
    assert!(matches!(silent.unwrap_err(), LinkError::Timeout));
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_of_messages_panic(text in ".{0,400}", body in ".{0,200}", proof in ".{0,100}") {
        let sealed = serde_json::json!({"body": body, "proofs": [proof]}).to_string();
        for text in [text, sealed] {
            if let Ok(sealed) = Sealed::parse(&text) {
                let _hello = sealed.read::<Hello>();
                let _challenge = sealed.read::<Challenge>();
                let _answer = sealed.read::<Answer>();
                let _verdict = sealed.read::<Verdict>();
            }
        }
    }
}
