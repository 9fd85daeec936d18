//! What each command of `bailiwick customers` does.

use super::{
    Failure,
    arguments::{AddArguments, CustomersCommand, EditArguments, SchemeOf},
    session::Session,
    show,
};
use crate::{
    arguments::print,
    terminal::{ADMIN_PASSWORD, ask, password},
};
use anyhow::Context;
use bailiwick_api::{
    Credentials, CustomerPatch, DeleteCustomer, ForceDelete, ImportLine, ImportReport, NewCustomer, NewEnrolmentCode, PreflightResult, Removal,
    Scheme, SyncState, SyncStatus,
};
use bailiwick_client::ClientError;
use serde::Serialize;
use std::{
    io::{self, IsTerminal, Read},
    path::Path,
    time::Duration,
};
use tokio::time::Instant;

/// Between two looks at a sync.
const LOOK: Duration = Duration::from_millis(300);
/// Bytes a file of customers may have, as the console takes them.
const MAX_FILE: u64 = 1 << 20;

impl From<SchemeOf> for Scheme {
    fn from(scheme: SchemeOf) -> Self {
        match scheme {
            SchemeOf::Http => Self::Http,
            SchemeOf::Https => Self::Https,
        }
    }
}

/// Runs one command.
pub(super) async fn run(session: &Session, command: CustomersCommand) -> Result<(), Failure> {
    match command {
        CustomersCommand::List => {
            let page = session.client.customers().await?;
            session.show(&page.data, || show::customers(&page.data))
        }
        CustomersCommand::Add(arguments) => add(session, arguments).await,
        CustomersCommand::Show { customer } => {
            let customer = session.customer(&customer).await?;
            session.show(&customer, || show::customer(&customer))
        }
        CustomersCommand::Edit(arguments) => edit(session, arguments).await,
        CustomersCommand::Sync { customer, wait } => sync(session, &customer, Duration::from_secs(wait)).await,
        CustomersCommand::Delete { customer, now, yes } => delete(session, &customer, now, yes).await,
        CustomersCommand::ForceDelete { customer, reason, yes } => force(session, &customer, reason, yes).await,
        CustomersCommand::Restore { customer } => {
            let removal = session.leaving(&customer).await?.ok_or_else(|| not_leaving(&customer))?;
            let customer = session.client.restore_customer(removal.customer.as_str()).await?;
            session.show(&customer, || format!("{} is a customer again.", customer.name))
        }
        CustomersCommand::Import { file } => import(session, &file).await,
        CustomersCommand::Export { customer } => {
            let customer = session.customer(&customer).await?;
            let registration = session.client.registration(customer.id.as_str()).await?;
            print(&text(&registration)?);
            Ok(())
        }
        CustomersCommand::Code { name, mail, primary } => {
            let code = session.client.add_enrolment_code(&NewEnrolmentCode { name, mail, primary }).await?;
            session.show(&code, || {
                let until = code.expires_time.format("%Y-%m-%d %H:%M UTC");
                format!("Until {until}, the customer's side types:\n  bailiwick node enrol {}", code.code)
            })
        }
    }
}

impl Session {
    /// Answers: one JSON document, or what people read.
    fn show(&self, answer: &impl Serialize, people: impl FnOnce() -> String) -> Result<(), Failure> {
        print(&if self.json { text(answer)? } else { people() });
        Ok(())
    }

    /// Says something on the way, where people read.
    fn say(&self, what: &str) {
        if !self.json {
            print(what);
        }
    }

    /// Has somebody agree.
    async fn agree(&self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::usage("nobody can be asked here; say --yes to agree"));
        }
        let answer = ask(&format!("{question} [y/N] ")).await?;
        if matches!(answer.to_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Failure::refused("not agreed; nothing was changed"))
    }
}

fn text(answer: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(answer).context("the answer")?)
}

fn not_leaving(customer: &str) -> Failure {
    Failure::refused(format!("{customer}: nothing of that name or id was let go and can be taken back"))
}

async fn add(session: &Session, arguments: AddArguments) -> Result<(), Failure> {
    let AddArguments { name, mail, server, port, scheme, admin, node_fingerprint, primary } = arguments;
    let admin = Credentials { password: password(&admin, ADMIN_PASSWORD).await?, user: admin };
    let form = NewCustomer { name, mail, server, port, scheme: scheme.into(), admin, primary, fingerprint: node_fingerprint };
    let preflight = session.client.preflight(&form).await?;
    session.say(&show::preflight(&preflight));
    if !preflight.ok {
        if session.json {
            print(&text(&preflight)?);
        }
        let failed = preflight.steps.iter().find(|step| step.result == PreflightResult::Failed);
        let why = failed.and_then(|step| step.code.clone()).unwrap_or_default();
        return Err(Failure::refused(format!("nothing was saved ({why})")));
    }
    let customer = session.client.add_customer(&form).await?;
    session.show(&customer, || format!("{} is customer {}.", customer.name, customer.id))
}

async fn edit(session: &Session, arguments: EditArguments) -> Result<(), Failure> {
    let customer = session.customer(&arguments.customer).await?;
    let admin = match arguments.admin {
        Some(user) => Some(Credentials { password: password(&user, ADMIN_PASSWORD).await?, user }),
        None => None,
    };
    let patch = CustomerPatch {
        name: arguments.name,
        mail: arguments.mail,
        primary: arguments.primary,
        server: arguments.server,
        port: arguments.port,
        scheme: arguments.scheme.map(Into::into),
        fingerprint: arguments.node_fingerprint,
        admin,
    };
    let changed = session.client.update_customer(customer.id.as_str(), &patch).await?;
    session.show(&changed, || show::customer(&changed))
}

/// Begins a sync and waits until it has ended.
async fn sync(session: &Session, wanted: &str, wait: Duration) -> Result<(), Failure> {
    let customer = session.customer(wanted).await?;
    let ends = Instant::now() + wait;
    let mut status: SyncStatus = session.client.begin_sync(customer.id.as_str()).await?;
    while matches!(status.summary.state, SyncState::Queued | SyncState::Running) {
        if Instant::now() > ends {
            return Err(Failure::refused(format!("the sync of {} did not end within {} s; it goes on", customer.name, wait.as_secs())));
        }
        tokio::time::sleep(LOOK).await;
        status = session.client.sync_status(customer.id.as_str()).await?;
    }
    session.show(&status, || show::sync(&customer.name, &status))?;
    if status.summary.state == SyncState::Ok { Ok(()) } else { Err(Failure::NotWell) }
}

/// Lets a customer go. One that is on its way out is gone at once with `now`.
async fn delete(session: &Session, wanted: &str, now: bool, yes: bool) -> Result<(), Failure> {
    let (id, name) = match session.leaving(wanted).await? {
        Some(removal) if now => (removal.customer, removal.name),
        _ => {
            let customer = session.customer(wanted).await?;
            (customer.id, customer.name)
        }
    };
    let question = if now { format!("Let {name} go now? It cannot be taken back.") } else { format!("Let {name} go?") };
    session.agree(&question, yes).await?;
    let asked = DeleteCustomer { password: session.password.clone(), now };
    let removal = session.client.delete_customer(id.as_str(), &asked).await;
    if let Err(ClientError::Refused(problem)) = &removal
        && problem.code == "NODE_UNREACHABLE"
    {
        session.say(&format!("Its node did not answer. It can be forced now: bailiwick customers force-delete {id} --reason …"));
    }
    removed(session, &removal?)
}

async fn force(session: &Session, wanted: &str, reason: String, yes: bool) -> Result<(), Failure> {
    let (id, name) = match session.leaving(wanted).await? {
        Some(removal) => (removal.customer, removal.name),
        None => {
            let customer = session.customer(wanted).await?;
            (customer.id, customer.name)
        }
    };
    session.agree(&format!("Let {name} go without its node? It cannot be taken back."), yes).await?;
    let asked = ForceDelete { reason, password: session.password.clone() };
    removed(session, &session.client.force_delete_customer(id.as_str(), &asked).await?)
}

fn removed(session: &Session, removal: &Removal) -> Result<(), Failure> {
    session.show(removal, || show::removal(removal))
}

/// Adds the customers of a file, telling of each as it is done.
async fn import(session: &Session, file: &Path) -> Result<(), Failure> {
    let name = file.display().to_string();
    let file = read(file).with_context(|| name.clone())?;
    if file.len() as u64 > MAX_FILE {
        return Err(Failure::usage(format!("{name}: more than {MAX_FILE} bytes; split it")));
    }
    let mut report = None;
    let each = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        if session.json {
            print(line.trim_end());
        }
        if let Ok(done) = serde_json::from_str::<ImportLine>(&line) {
            session.say(&show::imported(&done));
        } else if let Ok(whole) = serde_json::from_str::<ImportReport>(&line) {
            report = Some(whole);
        }
    };
    session.client.import_customers(file, each).await?;
    let report = report.ok_or_else(|| ClientError::Protocol("the answer ended before the report".into()))?;
    session.say(&show::report(&report));
    if report.failed == 0 { Ok(()) } else { Err(Failure::NotWell) }
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let reader: Box<dyn Read> = if file == Path::new("-") { Box::new(io::stdin()) } else { Box::new(std::fs::File::open(file)?) };
    reader.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
