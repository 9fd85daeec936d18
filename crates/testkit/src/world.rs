//! A console and its nodes, started as in production and gone when dropped.

use crate::{Answer, Live, NodeSlot, Person, Registered, Session, Site, answer::call, eventually, node_slot::token};
use anyhow::Context;
use bailiwick_api::{CustomerId, Grant, GrantState, NewGrant, NewUser, Role, UseLink};
use bailiwick_chassis::secrets;
use bailiwick_client::{ConsoleClient, Transport};
use bailiwick_console::{Console, ConsoleConfig, Database, Pace};
use bailiwick_node::FlushConfig;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

/// How long a grant may take to reach its node.
const GRANT: Duration = Duration::from_secs(10);

/// What is not as usual in a world.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// One node in each.
    pub regions: &'static [&'static str],
    /// Pace of the console's background work.
    pub pace: Pace,
    /// Names of customers without a grant are shown to everybody.
    pub name_hidden_customers: bool,
    /// When rows become files.
    pub flush: FlushConfig,
    /// How long an enrolment code can be used.
    pub code_life: Duration,
}

impl Setup {
    /// Nodes in these regions, everything else as a new user gets it.
    pub fn new(regions: &'static [&'static str]) -> Self {
        Self { regions, pace: Pace::default(), name_hidden_customers: false, flush: FlushConfig::default(), code_life: Duration::from_secs(3600) }
    }
}

/// A console and its nodes.
pub struct World {
    /// The first administrator.
    pub administrator: Person,
    /// The nodes, in the order of the regions.
    pub nodes: Vec<NodeSlot>,
    /// For any other call.
    pub transport: Transport,
    console: Option<Console>,
    config: ConsoleConfig,
    base: Url,
    dir: TempDir,
}

impl World {
    /// Starts it and signs the first administrator in.
    pub async fn start(setup: Setup) -> anyhow::Result<Self> {
        let (transport, dir, host) = (Transport::new()?, tempfile::tempdir()?, own_address());
        let mut nodes = Vec::new();
        for region in setup.regions {
            nodes.push(NodeSlot::start(&transport, host, dir.path(), region, setup.flush).await.with_context(|| format!("node {region}"))?);
        }
        let mut config = config(&dir, host, setup)?;
        let console = Console::start(config.clone()).await?;
        config.listen = console.address();
        let base = Url::parse(&format!("http://{}/", console.address()))?;
        let link = console.setup_link().context("a new console has no administrator")?;
        let administrator = welcome(&transport, &base, &token(&link)?, "ada@mssp.example", true).await?;
        Ok(Self { administrator, nodes, transport, console: Some(console), config, base, dir })
    }

    /// Where the console listens, without a slash at the end.
    pub fn url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The console.
    ///
    /// # Panics
    /// While it is stopped.
    pub fn console(&self) -> &Console {
        self.console.as_ref().expect("the console runs")
    }

    /// Stops the console; its sessions outlive it.
    pub async fn stop_console(&mut self) {
        if let Some(console) = self.console.take() {
            console.stop().await;
        }
    }

    /// Starts it again at the same address with the same data.
    pub async fn start_console(&mut self) -> anyhow::Result<()> {
        self.stop_console().await;
        self.console = Some(Console::start(self.config.clone()).await?);
        Ok(())
    }

    /// Everything the console keeps.
    pub fn console_dir(&self) -> PathBuf {
        self.dir.path().join("console")
    }

    /// A workspace on a node, not known to the console.
    pub async fn site(&self, node: usize, name: &str) -> anyhow::Result<Site> {
        Site::open(&self.transport, self.nodes.get(node).context("no such node")?, name).await.with_context(|| name.to_owned())
    }

    /// A workspace on a node that is a customer of the same name.
    pub async fn customer(&self, node: usize, name: &str) -> anyhow::Result<Registered> {
        let site = self.site(node, name).await?;
        let customer = self.administrator.client.add_customer(&site.form(name)).await?;
        Ok(Registered { customer, site })
    }

    /// Somebody with a role at the console and no grant, signed in.
    pub async fn person(&self, name: &str, role: Role) -> anyhow::Result<Person> {
        let email = format!("{name}@mssp.example");
        let made = self.administrator.client.add_user(&NewUser { email: email.clone(), name: name.into(), role, may_save_dashboards: false }).await?;
        welcome(&self.transport, &self.base, &made.link.token, &email, false).await
    }

    /// Somebody with a role at the console and the same role on each of these customers, applied.
    pub async fn granted(&self, name: &str, role: Role, on: &[&Registered]) -> anyhow::Result<Person> {
        let person = self.person(name, role).await?;
        for customer in on {
            self.grant(&person, customer, role).await?;
        }
        Ok(person)
    }

    /// Gives a role and waits until the node has it.
    pub async fn grant(&self, to: &Person, on: &Registered, role: Role) -> anyhow::Result<()> {
        self.decide(to, on, Some(role)).await?;
        let what = format!("grant of {} on {}", to.email, on.customer.name);
        eventually(GRANT, &what, async || self.grant_of(to, &on.customer.id).await.is_some_and(|g| g.state == GrantState::Applied)).await;
        Ok(())
    }

    /// Gives or takes away a role; does not wait for the node.
    pub async fn decide(&self, to: &Person, on: &Registered, role: Option<Role>) -> anyhow::Result<Grant> {
        let grant = NewGrant { user: to.client.me.id.clone(), customer: on.customer.id.clone(), role };
        Ok(self.administrator.client.put_grant(&grant).await?)
    }

    /// A grant as it stands, if there is one.
    pub async fn grant_of(&self, person: &Person, customer: &CustomerId) -> Option<Grant> {
        let grants = self.administrator.client.grants().await.ok()?.data;
        grants.into_iter().find(|grant| grant.user == person.client.me.id && grant.customer == *customer)
    }

    /// A further session of somebody.
    pub async fn session(&self, person: &Person) -> anyhow::Result<Session> {
        Session::at_console(&self.transport, self.url(), &person.email, &person.password).await
    }

    /// Calls the console with exactly these headers.
    pub async fn call(&self, session: Option<&Session>, method: &str, path: &str, body: impl Into<Vec<u8>>) -> anyhow::Result<Answer> {
        let headers = session.map(Session::headers).unwrap_or_default();
        call(&self.transport, method, &format!("{}{path}", self.url()), &headers, body.into()).await
    }

    /// Opens the live page of investigations.
    pub async fn live(&self, session: &Session, query: &str) -> anyhow::Result<Live> {
        Live::open(&self.transport, &format!("{}/api/v1/investigations/live?{query}", self.url()), &session.headers()).await
    }

    /// Stops everything; what was written stays until the directory is dropped.
    pub async fn stop(mut self) -> TempDir {
        self.stop_console().await;
        for mut node in self.nodes {
            node.stop().await;
        }
        self.dir
    }
}

fn config(dir: &TempDir, host: Ipv4Addr, setup: Setup) -> anyhow::Result<ConsoleConfig> {
    let data = dir.path().join("console");
    std::fs::create_dir(&data)?;
    let mut config = ConsoleConfig::new(Database::File(data.join("console.db")), SocketAddr::from((host, 0)), |_| None);
    config.name = "Test MSSP".into();
    config.pace = setup.pace;
    config.code_life = setup.code_life;
    config.name_hidden_customers = setup.name_hidden_customers;
    Ok(config)
}

/// Opens somebody's link with a password made for this test.
async fn welcome(transport: &Transport, base: &Url, token: &str, email: &str, first: bool) -> anyhow::Result<Person> {
    let password = secrets::secret();
    let link = UseLink { token: token.into(), name: first.then(|| email.to_owned()), password: password.clone() };
    let client = ConsoleClient::use_link(transport, base, &link).await?;
    Ok(Person { email: email.into(), password, client })
}

/// A loopback address no other world uses, so that nobody takes the port of a node that is stopped for a while.
fn own_address() -> Ipv4Addr {
    static WORLDS: AtomicU8 = AtomicU8::new(1);
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    let (second, third) = (high.wrapping_add(middle) % 200 + 20, low);
    Ipv4Addr::new(127, second, third, WORLDS.fetch_add(1, Ordering::Relaxed))
}
