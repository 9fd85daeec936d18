//! Rows of `node_links`: one per node, with the key that signs to it.

use super::NodeLink;
use bailiwick_api::{NodeId, Scheme};
use bailiwick_chassis::{
    Refusal,
    sql::{Db, Tx},
};
use bailiwick_client::SigningKey;
use sqlx::{Row, any::AnyRow};

/// One node.
pub(crate) async fn get(db: &Db, node: &NodeId) -> Result<Option<NodeLink>, Refusal> {
    let text = "select node, server, port, scheme, region, version, signing_key, fingerprint from node_links where node = $1";
    let row = sqlx::query(text).bind(node.as_str()).fetch_optional(db.pool()).await?;
    row.as_ref().map(read).transpose()
}

/// Every node.
pub(crate) async fn all(db: &Db) -> Result<Vec<NodeLink>, Refusal> {
    let text = "select node, server, port, scheme, region, version, signing_key, fingerprint from node_links";
    sqlx::query(text).fetch_all(db.pool()).await?.iter().map(read).collect()
}

/// Keeps a node at its first enrolment. False when it is here already, under another key.
pub(crate) async fn insert(tx: &mut Tx, link: &NodeLink, now_us: i64) -> Result<bool, Refusal> {
    let text = "insert into node_links (node, server, port, scheme, region, version, signing_key, created, fingerprint) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (node) do nothing";
    let done = sqlx::query(text)
        .bind(link.node.as_str())
        .bind(&link.server)
        .bind(i64::from(link.port))
        .bind(scheme_word(link.scheme))
        .bind(&link.region)
        .bind(&link.version)
        .bind(link.key.to_text())
        .bind(now_us)
        .bind(link.fingerprint.map(|fingerprint| fingerprint.to_string()))
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes where a node is reached from now on.
pub(crate) async fn set_address(tx: &mut Tx, link: &NodeLink) -> Result<(), Refusal> {
    let text = "update node_links set server = $2, port = $3, scheme = $4, fingerprint = $5 where node = $1";
    sqlx::query(text)
        .bind(link.node.as_str())
        .bind(&link.server)
        .bind(i64::from(link.port))
        .bind(scheme_word(link.scheme))
        .bind(link.fingerprint.map(|fingerprint| fingerprint.to_string()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes a node away, with the key that signed to it.
pub(super) async fn delete(tx: &mut Tx, node: &NodeId) -> Result<(), Refusal> {
    sqlx::query("delete from node_links where node = $1").bind(node.as_str()).execute(&mut **tx).await?;
    Ok(())
}

/// Notes the version a node reports.
pub(crate) async fn set_version(db: &Db, node: &NodeId, version: &str) -> Result<(), Refusal> {
    let text = "update node_links set version = $2 where node = $1";
    sqlx::query(text).bind(node.as_str()).bind(version).execute(db.pool()).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<NodeLink, Refusal> {
    let key: String = row.try_get(6)?;
    Ok(NodeLink {
        node: NodeId(row.try_get(0)?),
        server: row.try_get(1)?,
        port: read_port(row.try_get(2)?)?,
        scheme: read_scheme(&row.try_get::<String, _>(3)?)?,
        region: row.try_get(4)?,
        version: row.try_get(5)?,
        key: SigningKey::from_text(&key).map_err(Refusal::internal)?,
        fingerprint: row.try_get::<Option<String>, _>(7)?.map(|hex| hex.parse()).transpose().map_err(Refusal::internal)?,
    })
}

pub(crate) fn read_port(number: i64) -> Result<u16, Refusal> {
    u16::try_from(number).map_err(Refusal::internal)
}

pub(crate) fn read_scheme(word: &str) -> Result<Scheme, Refusal> {
    match word {
        "http" => Ok(Scheme::Http),
        "https" => Ok(Scheme::Https),
        other => Err(Refusal::internal(format!("unknown scheme {other}"))),
    }
}

fn scheme_word(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    }
}

/// The key under which a node knows this console.
pub(crate) async fn key_in(tx: &mut Tx, node: &NodeId) -> Result<String, Refusal> {
    let row = sqlx::query("select signing_key from node_links where node = $1").bind(node.as_str()).fetch_one(&mut **tx).await?;
    Ok(row.try_get(0)?)
}
