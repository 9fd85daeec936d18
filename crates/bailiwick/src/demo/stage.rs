//! Sets the stage through the APIs alone: links are opened, customers added by the form, grants given and revoked.

use super::{
    licences,
    plan::{CUSTOMERS, CustomerPlan, FAILING, NEAR_LICENCE, NEAR_SOURCES, PEOPLE, Part, REGIONS, Story},
    ready::{Ready, ReadyAdmin, ReadyCustomer, ReadyUser},
};
use crate::pages;
use anyhow::{Context, bail};
use bailiwick_api::{
    Credentials, Customer, Format, GrantState, HealthReport, HealthStatus, NewCollector, NewCustomer, NewGrant, NewSource, NewUser, NewWorkspace,
    Role, Scheme, Tracker, UseLink, UserId,
};
use bailiwick_chassis::{SystemClock, secrets};
use bailiwick_client::{ConsoleClient, Transport, WorkspaceClient};
use bailiwick_console::{Console, ConsoleConfig, Database};
use bailiwick_node::{AttachmentConfig, FlushConfig, IngestConfig, LakeConfig, Node, NodeConfig, RuleConfig, SyslogConfig};
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use url::Url;

/// How long grants may take to reach their nodes.
const GRANTS_DEADLINE: Duration = Duration::from_secs(20);

/// Everything that runs.
pub(super) struct Stage {
    pub(super) ready: Ready,
    pub(super) senders: Vec<Sender>,
    pub(super) transport: Transport,
    console: Console,
    nodes: Vec<Node>,
}

/// Where a customer's sample traffic goes.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) customer: usize,
    pub(super) node: Url,
    pub(super) ingest_key: String,
    pub(super) syslog_tcp: SocketAddr,
    pub(super) story: Option<(u64, Story)>,
}

impl Stage {
    /// Stops the console, then the nodes.
    pub(super) async fn stop(self) {
        self.console.stop().await;
        for node in self.nodes {
            node.stop().await;
        }
    }
}

/// A workspace and its administrator's session.
struct Opened {
    admin: WorkspaceClient,
    credentials: Credentials,
    ingest_key: String,
    syslog_tcp: SocketAddr,
}

/// Starts and sets up everything.
pub(super) async fn set(listen: SocketAddr, data: &Path) -> anyhow::Result<Stage> {
    let transport = Transport::new()?;
    let mut nodes = Vec::new();
    for region in REGIONS {
        nodes.push(Node::start(node_config(data, region)).await.with_context(|| format!("node {region}"))?);
    }
    let workspaces = open_workspaces(&transport, &nodes).await?;
    let console = Console::start(console_config(listen, data)?).await.context("console")?;
    let base = url(console.address())?;
    let (administrator, users, ids) = people(&transport, &base, &console).await?;
    let customers = add_customers(&administrator, &nodes, &workspaces).await?;
    grant(&administrator, &ids, &customers).await?;
    for ((plan, workspace), _) in CUSTOMERS.iter().zip(&workspaces).zip(&customers).filter(|((plan, _), _)| plan.part == Part::NoRole) {
        for technician in workspace.admin.technicians().await?.data {
            workspace.admin.revoke(&technician.email).await.with_context(|| format!("revoke at {}", plan.name))?;
        }
    }
    // One customer lets cases leave as files.
    if let Some(first) = workspaces.first() {
        first.admin.allow_exports(true).await?;
    }
    licences::pool(&administrator).await?;
    licences::allocate(&administrator, &customers, |part| part != Part::Unreachable).await?;
    let ready = Ready { console: base.as_str().trim_end_matches('/').to_owned(), users, customers: ready_customers(&nodes, &workspaces, &customers) };
    let senders = senders(&nodes, &workspaces)?;
    let unreachable = nodes.pop().context("the plan has an unreachable node")?;
    unreachable.stop().await;
    licences::allocate(&administrator, &customers, |part| part == Part::Unreachable).await?;
    Ok(Stage { ready, senders, transport, console, nodes })
}

fn node_config(data: &Path, region: &str) -> NodeConfig {
    NodeConfig {
        data: data.join("nodes").join(region),
        tls: Default::default(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        ingest_listen: None,
        region: region.to_owned(),
        public_url: None,
        secure_cookies: false,
        pages: pages::node,
        clock: Arc::new(SystemClock),
        syslog: SyslogConfig::default(),
        rules: RuleConfig::default(),
        flush: FlushConfig::default(),
        ingest: IngestConfig::default(),
        attachments: AttachmentConfig::default(),
        dashboards: bailiwick_node::DashboardConfig::default(),
        lake: LakeConfig::default(),
        link: bailiwick_node::LinkConfig::default(),
    }
}

fn console_config(listen: SocketAddr, data: &Path) -> anyhow::Result<ConsoleConfig> {
    let dir = data.join("console");
    std::fs::create_dir_all(&dir)?;
    let mut config = ConsoleConfig::new(Database::File(dir.join("console.db")), listen, pages::console);
    config.name = "Harbour Security".into();
    config.name_hidden_customers = true;
    Ok(config)
}

async fn open_workspaces(transport: &Transport, nodes: &[Node]) -> anyhow::Result<Vec<Opened>> {
    let mut operators = Vec::new();
    for node in nodes {
        let link = node.operator_link().context("a new node has no operator")?;
        let use_link = UseLink { token: token(link)?, name: Some("operator".into()), password: secrets::secret() };
        operators.push(WorkspaceClient::use_link(transport, &url(node.address())?, &use_link).await?);
    }
    let mut opened = Vec::new();
    for plan in &CUSTOMERS {
        let (node, operator) = nodes.get(plan.region).zip(operators.get(plan.region)).context("the plan names a node")?;
        opened.push(open_workspace(transport, node, operator, plan).await.with_context(|| plan.name)?);
    }
    Ok(opened)
}

async fn open_workspace(transport: &Transport, node: &Node, operator: &WorkspaceClient, plan: &CustomerPlan) -> anyhow::Result<Opened> {
    let user = plan.name.split(' ').next().unwrap_or_default().to_lowercase();
    let created = operator.add_workspace(&NewWorkspace { name: plan.name.into(), admin: user.clone() }).await?;
    let credentials = Credentials { user, password: secrets::secret() };
    let use_link = UseLink { token: created.link.token, name: None, password: credentials.password.clone() };
    let admin = WorkspaceClient::use_link(transport, &url(node.address())?, &use_link).await?;
    let source = |name: &str, category: &str, syslog_tcp: Option<String>| NewSource {
        format: if syslog_tcp.is_some() { Format::Syslog } else { Format::Auto },
        syslog_tcp,
        ..NewSource::new(name, category)
    };
    let logs = admin.add_source(&source("Collector", "collector/mixed", None)).await?;
    let syslog = admin.add_source(&source("Linux servers", "linux/syslog", Some("127.0.0.1:0".into()))).await?;
    if plan.name == NEAR_LICENCE {
        for n in 3..NEAR_SOURCES {
            admin.add_source(&source(&format!("Substation {n}"), "ot/substation", None)).await?;
        }
    }
    if plan.name == FAILING {
        failing_collector(transport, node, &admin).await?;
    }
    let bound = syslog.source.syslog_tcp.context(syslog.source.syslog_error.unwrap_or_default())?;
    Ok(Opened { admin, credentials, ingest_key: logs.ingest_key, syslog_tcp: bound.parse().context("syslog port")? })
}

/// A relay in a branch office whose disk queue is full and whose log file is gone, as its agent tells.
async fn failing_collector(transport: &Transport, node: &Node, admin: &WorkspaceClient) -> anyhow::Result<()> {
    let relay = admin.add_collector(&NewCollector { name: "Branch office relay".into(), kind: "vector".into() }).await?;
    let source = NewSource { collector: Some(relay.id), host: Some("relay-7".into()), ..NewSource::new("Branch office firewall", "firewall/branch") };
    let source = admin.add_source(&source).await?;
    let troubles = [
        (Tracker::CollectorDiskQueueFull, "QUEUE_FULL", "the disk queue of 1 GiB is full; new events wait at their senders"),
        (Tracker::SourcePathMissing, "ENOENT", "/var/log/firewall/branch.log is not there"),
    ];
    for (tracker, error, description) in troubles {
        let report = HealthReport { tracker, status: HealthStatus::UnHealthy, error: Some(error.into()), description: Some(description.into()) };
        WorkspaceClient::report_health(transport, &url(node.address())?, &source.ingest_key, &report).await?;
    }
    Ok(())
}

async fn people(transport: &Transport, base: &Url, console: &Console) -> anyhow::Result<(ConsoleClient, Vec<ReadyUser>, Vec<UserId>)> {
    let (email, _, _) = PEOPLE[0];
    let mut users = vec![ReadyUser { email: email.into(), password: secrets::secret(), role: Role::Administrator.to_string() }];
    let link = console.setup_link().context("a new console has no administrator")?;
    let first = UseLink { token: token(&link)?, name: Some(email.into()), password: users[0].password.clone() };
    let administrator = ConsoleClient::use_link(transport, base, &first).await?;
    let mut ids = vec![administrator.me.id.clone()];
    for (email, name, role) in PEOPLE.into_iter().skip(1) {
        let created = administrator.add_user(&NewUser { email: email.into(), name: name.into(), role, may_save_dashboards: false }).await?;
        let password = secrets::secret();
        let welcome = UseLink { token: created.link.token, name: None, password: password.clone() };
        ConsoleClient::use_link(transport, base, &welcome).await?;
        users.push(ReadyUser { email: email.into(), password, role: role.to_string() });
        ids.push(created.user.id);
    }
    Ok((administrator, users, ids))
}

async fn add_customers(administrator: &ConsoleClient, nodes: &[Node], workspaces: &[Opened]) -> anyhow::Result<Vec<Customer>> {
    let mut customers = Vec::new();
    for (plan, workspace) in CUSTOMERS.iter().zip(workspaces) {
        let address = nodes.get(plan.region).context("the plan names a node")?.address();
        let user = &workspace.credentials.user;
        let new = NewCustomer {
            name: plan.name.into(),
            mail: format!("soc@{user}.example"),
            server: address.ip().to_string(),
            port: address.port(),
            scheme: Scheme::Http,
            admin: workspace.credentials.clone(),
            primary: plan.part == Part::Primary,
            fingerprint: None,
        };
        customers.push(administrator.add_customer(&new).await.with_context(|| plan.name)?);
    }
    Ok(customers)
}

/// Gives everybody their role on every customer that is to have grants, and waits until the nodes have them.
async fn grant(administrator: &ConsoleClient, users: &[UserId], customers: &[Customer]) -> anyhow::Result<()> {
    for (user, (_, _, role)) in users.iter().zip(PEOPLE) {
        for (_, customer) in CUSTOMERS.iter().zip(customers).filter(|(plan, _)| plan.part != Part::NoGrant) {
            administrator.put_grant(&NewGrant { user: user.clone(), customer: customer.id.clone(), role: Some(role) }).await?;
        }
    }
    let waited = tokio::time::timeout(GRANTS_DEADLINE, async {
        while administrator.grants().await?.data.iter().any(|grant| grant.state != GrantState::Applied) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    });
    match waited.await {
        Ok(done) => done,
        Err(_) => bail!("grants did not reach their nodes within {} s", GRANTS_DEADLINE.as_secs()),
    }
}

fn ready_customers(nodes: &[Node], workspaces: &[Opened], customers: &[Customer]) -> Vec<ReadyCustomer> {
    let each = CUSTOMERS.iter().zip(workspaces).zip(customers);
    let ready = each.filter_map(|((plan, workspace), customer)| {
        Some(ReadyCustomer {
            id: customer.id.to_string(),
            name: plan.name.to_owned(),
            region: customer.region.clone(),
            node: format!("http://{}", nodes.get(plan.region)?.address()),
            workspace: customer.workspace.to_string(),
            ingest_key: workspace.ingest_key.clone(),
            syslog_tcp: workspace.syslog_tcp.to_string(),
            admin: ReadyAdmin { user: workspace.credentials.user.clone(), password: workspace.credentials.password.clone() },
        })
    });
    ready.collect()
}

fn senders(nodes: &[Node], workspaces: &[Opened]) -> anyhow::Result<Vec<Sender>> {
    let reachable = CUSTOMERS.iter().zip(workspaces).enumerate().filter(|(_, (plan, _))| plan.part != Part::Unreachable);
    let sender = |(customer, (plan, workspace)): (usize, (&CustomerPlan, &Opened))| {
        let node = nodes.get(plan.region).context("the plan names a node")?;
        let (ingest_key, syslog_tcp) = (workspace.ingest_key.clone(), workspace.syslog_tcp);
        Ok(Sender { customer, node: url(node.ingest_address())?, ingest_key, syslog_tcp, story: plan.story })
    };
    reachable.map(sender).collect()
}

fn url(address: SocketAddr) -> anyhow::Result<Url> {
    Ok(Url::parse(&format!("http://{address}/"))?)
}

/// The token in a single-use link.
fn token(link: &str) -> anyhow::Result<String> {
    let (_, token) = link.split_once('#').context("a link carries its token after #")?;
    Ok(token.to_owned())
}
