//! Rows of `notifications`. A row is taken up by a conditional update that also sets its next time, so that it is sent once while all goes
//! well, and again when who took it up is gone.

use crate::{links::store::read_kind, store::word};
use bailiwick_api::{CustomerId, Health, HealthCause, LinkKind, NodeId, Notification, NotificationChannel, NotificationEvent, NotificationState};
use bailiwick_chassis::{
    Refusal,
    clock::from_us,
    sql::{Db, Tx},
};
use sqlx::{Row, any::AnyRow};

/// Notifications an answer holds.
const SHOWN: i64 = 50;
/// How long one that is done is kept.
const KEPT_US: i64 = 30 * 24 * 3_600_000_000;
/// Customers told of in one look; the rest is told in the next.
const A_LOOK: i64 = 5_000;

pub(super) async fn add(tx: &mut Tx, channel: NotificationChannel, event: &NotificationEvent, now_us: i64) -> Result<(), Refusal> {
    let body = serde_json::to_string(event).map_err(Refusal::internal)?;
    let text = "insert into notifications (id, channel, subject, body, created, state, attempts, due) values ($1, $2, $3, $4, $5, 'WAITING', 0, $5)";
    let query = sqlx::query(text).bind(&event.id).bind(channel.as_str()).bind(&event.subject).bind(body).bind(now_us);
    query.execute(&mut **tx).await?;
    Ok(())
}

pub(super) async fn prune(tx: &mut Tx, now_us: i64) -> Result<(), Refusal> {
    let text = "delete from notifications where created < $1 and state <> 'WAITING'";
    sqlx::query(text).bind(now_us - KEPT_US).execute(&mut **tx).await?;
    Ok(())
}

/// One that is to be sent.
pub(super) struct Due {
    pub(super) id: String,
    pub(super) channel: NotificationChannel,
    pub(super) event: NotificationEvent,
    pub(super) attempts: u32,
    pub(super) created_us: i64,
    pub(super) due_us: i64,
}

/// Those whose time has come, the longest waiting first.
pub(super) async fn due(db: &Db, now_us: i64, limit: i64) -> Result<Vec<Due>, Refusal> {
    let text = "select id, channel, body, attempts, created, due from notifications where state = 'WAITING' and due <= $1 order by due, id limit $2";
    let rows = sqlx::query(text).bind(now_us).bind(limit).fetch_all(db.pool()).await?;
    let due = |row: &AnyRow| {
        Ok(Due {
            id: row.try_get(0)?,
            channel: word(&row.try_get::<String, _>(1)?)?,
            event: serde_json::from_str(&row.try_get::<String, _>(2)?).map_err(Refusal::internal)?,
            attempts: u32::try_from(row.try_get::<i64, _>(3)?).unwrap_or(u32::MAX),
            created_us: row.try_get(4)?,
            due_us: row.try_get(5)?,
        })
    };
    rows.iter().map(due).collect()
}

/// Takes one up until `until_us`; false when somebody else did.
pub(super) async fn claim(db: &Db, due: &Due, until_us: i64) -> Result<bool, Refusal> {
    let text = "update notifications set attempts = attempts + 1, due = $4 where id = $1 and channel = $2 and state = 'WAITING' and due = $3";
    let query = sqlx::query(text).bind(&due.id).bind(due.channel.as_str()).bind(due.due_us).bind(until_us);
    Ok(query.execute(db.pool()).await?.rows_affected() == 1)
}

pub(super) async fn sent(db: &Db, due: &Due, now_us: i64) -> Result<(), Refusal> {
    let text = "update notifications set state = 'SENT', sent = $3, error = null where id = $1 and channel = $2";
    sqlx::query(text).bind(&due.id).bind(due.channel.as_str()).bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// It did not go out: tried again at `next_us`, or given up.
pub(super) async fn failed(db: &Db, due: &Due, next_us: Option<i64>, error: &str) -> Result<(), Refusal> {
    let state = if next_us.is_some() { NotificationState::Waiting } else { NotificationState::GivenUp };
    let text = "update notifications set state = $3, due = $4, error = $5 where id = $1 and channel = $2 and state = 'WAITING'";
    let query = sqlx::query(text).bind(&due.id).bind(due.channel.as_str()).bind(state.as_str());
    query.bind(next_us.unwrap_or_default()).bind(error).execute(db.pool()).await?;
    Ok(())
}

pub(super) async fn waiting(db: &Db) -> Result<u32, Refusal> {
    let row = sqlx::query("select count(*) from notifications where state = 'WAITING'").fetch_one(db.pool()).await?;
    Ok(u32::try_from(row.try_get::<i64, _>(0)?).unwrap_or(u32::MAX))
}

/// Newest first.
pub(super) async fn recent(db: &Db) -> Result<Vec<Notification>, Refusal> {
    let text =
        "select id, channel, subject, created, state, attempts, due, sent, error from notifications order by created desc, id, channel limit $1";
    let rows = sqlx::query(text).bind(SHOWN).fetch_all(db.pool()).await?;
    let notification = |row: &AnyRow| {
        let state: NotificationState = word(&row.try_get::<String, _>(4)?)?;
        Ok(Notification {
            id: row.try_get(0)?,
            channel: word(&row.try_get::<String, _>(1)?)?,
            subject: row.try_get(2)?,
            created_time: from_us(row.try_get(3)?),
            state,
            attempts: u32::try_from(row.try_get::<i64, _>(5)?).unwrap_or(u32::MAX),
            next_time: if state == NotificationState::Waiting { Some(from_us(row.try_get(6)?)) } else { None },
            sent_time: row.try_get::<Option<i64>, _>(7)?.map(from_us),
            error: row.try_get(8)?,
        })
    };
    rows.iter().map(notification).collect()
}

/// A customer whose state is not the one people were told last.
pub(super) struct Untold {
    pub(super) customer: CustomerId,
    pub(super) name: String,
    pub(super) region: String,
    pub(super) node: NodeId,
    pub(super) link: LinkKind,
    pub(super) told: Health,
    pub(super) state: Health,
    pub(super) since_us: i64,
    pub(super) cause: Option<HealthCause>,
    pub(super) detail: Option<String>,
}

/// Customers whose state has lasted since `settled_us` at least and was not told. By the task, for no person.
pub(super) async fn untold(db: &Db, settled_us: i64) -> Result<Vec<Untold>, Refusal> {
    let text = "select c.id, c.name, c.region, c.node, n.kind, h.told, h.state, h.since, h.cause, h.detail from health h \
                join customers c on c.id = h.customer_id join node_links n on n.node = c.node \
                where c.state = 'ACTIVE' and h.told <> h.state and h.since <= $1 order by c.id limit $2";
    let rows = sqlx::query(text).bind(settled_us).bind(A_LOOK).fetch_all(db.pool()).await?;
    let untold = |row: &AnyRow| {
        Ok(Untold {
            customer: CustomerId(row.try_get(0)?),
            name: row.try_get(1)?,
            region: row.try_get(2)?,
            node: NodeId(row.try_get(3)?),
            link: read_kind(&row.try_get::<String, _>(4)?)?,
            told: word(&row.try_get::<String, _>(5)?)?,
            state: word(&row.try_get::<String, _>(6)?)?,
            since_us: row.try_get(7)?,
            cause: row.try_get::<Option<String>, _>(8)?.map(|text| word(&text)).transpose()?,
            detail: row.try_get(9)?,
        })
    };
    rows.iter().map(untold).collect()
}

/// Notes what is told of a customer; false when it changed meanwhile, or somebody else tells it.
pub(super) async fn tell(tx: &mut Tx, untold: &Untold) -> Result<bool, Refusal> {
    let text = "update health set told = $4 where customer_id = $1 and state = $4 and told = $2 and since = $3";
    let query = sqlx::query(text).bind(untold.customer.as_str()).bind(untold.told.as_str()).bind(untold.since_us).bind(untold.state.as_str());
    Ok(query.execute(&mut **tx).await?.rows_affected() == 1)
}
