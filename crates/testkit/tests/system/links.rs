//! Nobody has a password until they set one, through a link that works once.

use bailiwick_api::UserState;
use bailiwick_chassis::secrets;
use bailiwick_client::Transport;
use bailiwick_console::{Console, ConsoleConfig, Database};
use bailiwick_testkit::{Headers, Setup, World, call};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_administrator_comes_by_a_link_that_works_once_and_by_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let config = ConsoleConfig::new(Database::File(dir.path().join("console.db")), "127.0.0.1:0".parse().unwrap(), |_| None);
    let console = Console::start(config).await.unwrap();
    let (transport, base) = (Transport::new().unwrap(), format!("http://{}", console.address()));
    let post = async |path: &str, body: serde_json::Value| {
        call(&transport, "POST", &format!("{base}/api/v1/{path}"), &Headers::new(), body.to_string().into_bytes()).await.unwrap()
    };
    for (email, password) in [("admin", "admin"), ("admin@localhost", "bailiwick"), ("admin", "changeme"), ("administrator", ""), ("", "")] {
        assert_eq!(post("session", json!({"email": email, "password": password})).await.status, 401, "{email}");
    }
    let link = console.setup_link().expect("a new console prints a link");
    let token = link.split_once('#').expect("the token is in the fragment, which no server sees").1.to_owned();
    let open = async |password: &str| post("setup", json!({"token": token, "name": "ada@mssp.example", "password": password})).await;
    assert_eq!(open("short").await.refusal(), (400, "PASSWORD_WEAK", "password"));
    let password = secrets::secret();
    assert_eq!(open(&password).await.status, 200, "a password that was too weak did not use the link up");
    assert_eq!(open(&secrets::secret()).await.refusal(), (403, "LINK_USED", "token"));
    assert_eq!(console.setup_link(), None);
    assert_eq!(post("session", json!({"email": "ada@mssp.example", "password": password})).await.status, 200);
    console.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_of_operators_administrators_and_colleagues_work_once() {
    let world = World::start(Setup::new(&["eu"])).await.unwrap();
    let node = world.nodes[0].url();
    let again = |token: &str| json!({"token": token, "name": "else", "password": secrets::secret()}).to_string().into_bytes();
    let open =
        async |base: &str, token: &str| call(&world.transport, "POST", &format!("{base}/api/v1/setup"), &Headers::new(), again(token)).await.unwrap();
    let operator = &world.nodes[0].operator;
    let body = bailiwick_api::NewWorkspace { name: "Acme".into(), admin: "acme".into() };
    let made = operator.add_workspace(&body).await.unwrap();
    assert_eq!(open(&node, &made.link.token).await.status, 200);
    assert_eq!(open(&node, &made.link.token).await.refusal(), (403, "LINK_USED", "token"));
    let new = bailiwick_api::NewUser {
        email: "vic@mssp.example".into(),
        name: "Vic".into(),
        role: bailiwick_api::Role::Viewer,
        may_save_dashboards: false,
    };
    let colleague = world.administrator.client.add_user(&new).await.unwrap();
    assert_eq!(colleague.user.state, UserState::Invited);
    assert_eq!(open(world.url(), &colleague.link.token).await.status, 200);
    assert_eq!(open(world.url(), &colleague.link.token).await.refusal(), (403, "LINK_USED", "token"));
    assert_eq!(open(world.url(), "").await.status, 403);
    for (user, password) in [("operator", "operator"), ("acme", "acme"), ("acme", "admin"), ("acme", "")] {
        let body = json!({"user": user, "password": password}).to_string().into_bytes();
        let answer = call(&world.transport, "POST", &format!("{node}/api/v1/session"), &Headers::new(), body).await.unwrap();
        assert_eq!(answer.status, 401, "{user}");
    }
}
