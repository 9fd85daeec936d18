//! What the console sets for every customer, as one workspace has it: what its own administrator decided wins over it, and where neither
//! decided the product's standard holds.

use crate::{
    access::{Action, WorkspaceGrant},
    detection, lake, licences,
};
use bailiwick_api::{CustomerSettings, SettingOrigin, SettingOrigins};
use bailiwick_chassis::{Refusal, sql::Db};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::Row;

/// How long events are kept.
pub(crate) const RETENTION: &str = "retention";
/// How signals add up.
pub(crate) const DETECTION: &str = "detection";

/// A setting of the console, if there is one.
pub(crate) async fn read<T: DeserializeOwned>(db: &Db, name: &str) -> Result<Option<T>, Refusal> {
    let row = sqlx::query("select value from console_setting where name = $1").bind(name).fetch_optional(db.pool()).await?;
    row.map(|row| serde_json::from_str(&row.try_get::<String, _>("value")?).map_err(Refusal::internal)).transpose()
}

/// Takes what the console sets. True when it was another. Retention longer than licensed is refused, and then nothing is taken.
pub(crate) async fn apply(grant: &WorkspaceGrant, settings: &CustomerSettings, now_us: i64) -> Result<bool, Refusal> {
    let workspace = grant.demand(&[Action::Sync])?;
    let db = workspace.db();
    let before = CustomerSettings { retention: read(db, RETENTION).await?, detection: read(db, DETECTION).await? };
    if before == *settings {
        return Ok(false);
    }
    if let Some(retention) = &settings.retention {
        lake::check_retention(retention)?;
        if origins(db).await?.retention != SettingOrigin::Own {
            licences::check_retention(workspace, retention).await?;
        }
    }
    if let Some(detection) = &settings.detection {
        detection::check(detection)?;
    }
    write(db, RETENTION, settings.retention.as_ref(), now_us).await?;
    write(db, DETECTION, settings.detection.as_ref(), now_us).await?;
    if before.detection != settings.detection {
        workspace.reload_detection().await?;
    }
    Ok(true)
}

async fn write<T: Serialize>(db: &Db, name: &str, value: Option<&T>, now_us: i64) -> Result<(), Refusal> {
    let Some(value) = value else {
        sqlx::query("delete from console_setting where name = $1").bind(name).execute(db.pool()).await?;
        return Ok(());
    };
    let text = "insert into console_setting (name, value, changed) values ($1, $2, $3) \
                on conflict (name) do update set value = excluded.value, changed = excluded.changed";
    let value = serde_json::to_string(value).map_err(Refusal::internal)?;
    sqlx::query(text).bind(name).bind(value).bind(now_us).execute(db.pool()).await?;
    Ok(())
}

/// Who decided what holds here.
pub(crate) async fn origins(db: &Db) -> Result<SettingOrigins, Refusal> {
    let text = "select (select count(*) from retention) as retention_own, \
                (select count(*) from detection_setting where name = 'policy') as detection_own, \
                (select count(*) from console_setting where name = 'retention') as retention_console, \
                (select count(*) from console_setting where name = 'detection') as detection_console";
    let row = sqlx::query(text).fetch_one(db.pool()).await?;
    let origin = |own: &str, console: &str| -> Result<SettingOrigin, Refusal> {
        Ok(match (row.try_get::<i64, _>(own)?, row.try_get::<i64, _>(console)?) {
            (1.., _) => SettingOrigin::Own,
            (_, 1..) => SettingOrigin::Console,
            _ => SettingOrigin::Standard,
        })
    };
    Ok(SettingOrigins { retention: origin("retention_own", "retention_console")?, detection: origin("detection_own", "detection_console")? })
}
