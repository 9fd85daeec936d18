//! Adding customers: every refusal has its own code, nothing is left behind; and who sees which customer.

use crate::{
    fake_node::FakeNode,
    support::{Desk, config, eventually, file, form, refused},
};
use bailiwick_api::{Access, List, NewCustomer, Role, Scheme, SkipReason};
use bailiwick_console::ConsoleConfig;
use tokio::{io::AsyncWriteExt, net::TcpListener};

#[tokio::test]
async fn a_form_that_is_not_well_written_is_400_and_names_the_field() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let good = form("Acme", &node, "acme");
    let long = "x".repeat(101);
    let cases: Vec<(NewCustomer, &str, &str)> = vec![
        (NewCustomer { name: "  ".into(), ..good.clone() }, "NAME_INVALID", "name"),
        (NewCustomer { name: long, ..good.clone() }, "NAME_INVALID", "name"),
        (NewCustomer { name: "Ac\u{7}me".into(), ..good.clone() }, "NAME_INVALID", "name"),
        (NewCustomer { mail: "soc at acme".into(), ..good.clone() }, "MAIL_INVALID", "mail"),
        (NewCustomer { port: 0, ..good.clone() }, "PORT_INVALID", "port"),
    ];
    for (form, code, field) in cases {
        assert_eq!(refused(desk.admin.add_customer(&form).await), (400, code.into(), field.into()));
    }
    assert!(desk.admin.customers().await.unwrap().data.is_empty());
    assert!(node.shared.mind().enrolled.is_empty());
    desk.console.stop().await;
}

#[tokio::test]
async fn a_place_that_is_no_node_is_told_apart_by_what_is_wrong_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let good = form("Acme", &node, "acme");
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let odd = speaks("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").await;
    let cases: Vec<(NewCustomer, &str, &str)> = vec![
        (NewCustomer { port: free, ..good.clone() }, "HOST_UNREACHABLE", "server"),
        (NewCustomer { port: silent.local_addr().unwrap().port(), ..good.clone() }, "HOST_UNREACHABLE", "server"),
        (NewCustomer { port: odd, ..good.clone() }, "HOST_UNREACHABLE", "server"),
        (NewCustomer { server: "127.0.0.1/x".into(), ..good.clone() }, "HOST_UNREACHABLE", "server"),
        (NewCustomer { server: "192.0.2.7".into(), ..good.clone() }, "TLS_FAILED", "scheme"),
        (NewCustomer { scheme: Scheme::Https, ..good.clone() }, "TLS_FAILED", "server"),
    ];
    for (form, code, field) in cases {
        assert_eq!(refused(desk.admin.add_customer(&form).await), (422, code.into(), field.into()), "{form:?}");
    }
    assert!(desk.admin.customers().await.unwrap().data.is_empty());
    desk.console.stop().await;
}

/// Answers every connection with the same bytes.
async fn speaks(text: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tasks = bailiwick_chassis::tasks::Tasks::new();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
            let _ = stream.write_all(text.as_bytes()).await;
        }
    });
    port
}

#[tokio::test]
async fn a_node_that_does_not_enrol_is_told_apart_by_why() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let good = form("Acme", &node, "acme");
    let answers = [
        ((401, "AUTH_FAILED"), "AUTH_FAILED", "admin.password"),
        ((403, "NOT_ADMIN"), "NOT_ADMIN", "admin.user"),
        ((409, "ALREADY_INTEGRATED_ELSEWHERE"), "ALREADY_INTEGRATED_ELSEWHERE", "admin.user"),
        ((429, "THROTTLED"), "THROTTLED", "admin.user"),
        ((500, "INTERNAL"), "NODE_REFUSED", "server"),
    ];
    for (answer, code, field) in answers {
        node.shared.mind().enrol_refusal = Some(answer);
        assert_eq!(refused(desk.admin.add_customer(&good).await), (422, code.into(), field.into()));
    }
    node.shared.mind().enrol_refusal = None;
    for version in ["9.9.9", "0.3.0", ""] {
        node.shared.mind().about.version = version.into();
        assert_eq!(refused(desk.admin.add_customer(&good).await).1, "VERSION_MISMATCH", "{version}");
    }
    node.shared.mind().about.version = bailiwick_api::VERSION.into();
    assert!(desk.admin.customers().await.unwrap().data.is_empty());
    let outcomes: Vec<_> = desk.admin.audit().await.unwrap().data.into_iter().filter(|l| l.verb == "customer.add").map(|l| l.outcome).collect();
    assert_eq!(outcomes.len(), 8);
    assert_eq!(outcomes.last().unwrap(), "AUTH_FAILED");
    // Nothing was in the way of the same form, once the node agrees.
    assert_eq!(desk.customer("Acme", &node, "acme").await.name, "Acme");
    desk.console.stop().await;
}

#[tokio::test]
async fn a_workspace_is_one_customer_and_a_node_one_address() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    desk.customer("Acme", &node, "acme").await;
    let error = desk.admin.add_customer(&form("Acme again", &node, "acme")).await.unwrap_err();
    assert!(error.to_string().contains("Acme"), "{error}");
    assert_eq!(error.code(), Some("ALREADY_ENROLLED"));
    let elsewhere = NewCustomer { server: "localhost".into(), ..form("Beta", &node, "beta") };
    assert_eq!(refused(desk.admin.add_customer(&elsewhere).await), (422, "NODE_ADDRESS_DIFFERS".into(), "server".into()));
    // Another node of the region with a workspace of the same id would make names of investigations ambiguous.
    let twin = FakeNode::start("node-2").await;
    assert_eq!(refused(desk.admin.add_customer(&form("Twin", &twin, "acme")).await).1, "WORKSPACE_AMBIGUOUS");
    assert_eq!(desk.admin.customers().await.unwrap().data.len(), 1);
    desk.console.stop().await;
}

#[tokio::test]
async fn names_are_data_unless_the_mssp_says_otherwise() {
    for shown in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let config = ConsoleConfig { name_hidden_customers: shown, ..config(file(&dir)) };
        let (desk, node) = (Desk::open(config).await, FakeNode::start("node-1").await);
        let (mine, other) = (desk.customer("Mine", &node, "mine").await, desk.customer("Other", &node, "other").await);
        let ana = desk.person("ana@mssp.example", Role::Analyst).await;
        desk.grant(&ana, &mine, Some(Role::Analyst)).await;
        eventually("the node knows her", async || !node.shared.mind().technicians.is_empty()).await;
        let page = ana.customers().await.unwrap();
        let names: Vec<_> = page.data.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, if shown { vec!["Mine", "Other"] } else { vec!["Mine"] });
        assert_eq!((page.data[0].role, page.data[0].open.unwrap().high), (Some(Role::Analyst), 3));
        assert!(!page.scope.complete);
        assert_eq!(
            page.scope.skipped.iter().map(|s| (s.customer.is_some(), s.count, s.reason)).collect::<Vec<_>>(),
            [(shown, 1, SkipReason::NoGrant)]
        );
        let path = format!("/api/v1/customers/{}", other.id);
        let one = ana.get::<bailiwick_api::Customer>(&path).await;
        if shown {
            let one = one.unwrap();
            assert_eq!((one.role, one.open, one.mail.as_str(), one.server.as_str(), one.port), (None, None, "", "", 0));
        } else {
            assert_eq!(refused(one).0, 404);
        }
        // An administrator knows every name, and sees the data of none without a grant.
        let all = desk.admin.customers().await.unwrap();
        assert!(all.data.iter().all(|c| c.role.is_none() && c.open.is_none() && !c.mail.is_empty()));
        assert_eq!((all.data.len(), all.scope.asked), (2, 0));
        desk.console.stop().await;
    }
}

#[tokio::test]
async fn me_access_says_why_each_customer_is_reached_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, node) = (Desk::open(config(file(&dir))).await, FakeNode::start("node-1").await);
    let mine = desk.customer("Mine", &node, "mine").await;
    let no_role = desk.customer("No role", &node, "no-role").await;
    desk.customer("Not granted", &node, "not-granted").await;
    let ana = desk.person("ana@mssp.example", Role::Analyst).await;
    desk.grant(&ana, &mine, Some(Role::Analyst)).await;
    eventually("the node knows her", async || !node.shared.mind().technicians.is_empty()).await;
    node.shared.mind().revoked.insert("ana@mssp.example".into());
    desk.grant(&ana, &no_role, Some(Role::Analyst)).await;
    let access: List<Access> = ana.get("/api/v1/me/access").await.unwrap();
    let seen: Vec<_> = access.data.iter().map(|a| (a.customer.as_ref().map(|c| c.name.as_str()), a.count, a.allowed, a.reason)).collect();
    assert_eq!(
        seen,
        [(Some("Mine"), 1, true, None), (Some("No role"), 1, false, Some(SkipReason::NoRole)), (None, 1, false, Some(SkipReason::NoGrant))]
    );
    desk.console.stop().await;
}
