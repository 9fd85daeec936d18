//! What a start does: lines from before there were hashes get theirs, once, and from then on the database refuses to change a line.

use super::{chain, store};
use crate::{
    Refusal,
    sql::{Db, Tx},
};
use bailiwick_api::AUDIT_BEGINNING;
use sqlx::Row;

/// Lines that get their hashes at a time.
const SLICE: i64 = 1_000;

/// One text for each database: a trigger's body is the one thing they do not write alike.
const SQLITE: &str = "create trigger if not exists audit_stays before update on audit begin select raise(abort, 'the audit is append-only'); end; \
                      create trigger if not exists audit_stays_there before delete on audit \
                      begin select raise(abort, 'the audit is append-only'); end;";
const POSTGRESQL: &str = "create or replace function audit_stays() returns trigger language plpgsql as \
                          $$ begin raise exception 'the audit is append-only'; end $$; \
                          create trigger audit_stays before update or delete on audit for each row execute function audit_stays(); \
                          create trigger audit_stays_there before truncate on audit for each statement execute function audit_stays();";

/// Whether the database refuses changes already.
const SEALED_SQLITE: &str = "select count(*) from sqlite_master where type = 'trigger' and name = 'audit_stays_there'";
const SEALED_POSTGRESQL: &str = "select count(*) from pg_trigger where tgname = 'audit_stays_there' and tgrelid = 'audit'::regclass";

/// Gives lines without a hash theirs and has the database refuse changes. Does nothing when that was done before.
pub async fn seal(db: &Db) -> Result<(), Refusal> {
    let (sealed, text) = if db.is_sqlite() { (SEALED_SQLITE, SQLITE) } else { (SEALED_POSTGRESQL, POSTGRESQL) };
    if sqlx::query(sealed).fetch_one(db.pool()).await?.try_get::<i64, _>(0)? > 0 {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    // The counter is held: of servers that share a database, one does this.
    let counter = sqlx::query("update audit_counter set last = last where one = 1 returning last, head").fetch_one(&mut *tx).await?;
    if counter.try_get::<i64, _>(0)? > 0 && counter.try_get::<Option<String>, _>(1)?.is_none() {
        let head = hash_all(&mut tx).await?;
        sqlx::query("update audit_counter set head = $1 where one = 1").bind(head).execute(&mut *tx).await?;
    }
    if sqlx::query(sealed).fetch_one(&mut *tx).await?.try_get::<i64, _>(0)? == 0 {
        sqlx::raw_sql(text).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Writes the hash of every line, from the first on; the last one's is given back.
async fn hash_all(tx: &mut Tx) -> Result<String, Refusal> {
    let (mut at, mut head) = (0_i64, AUDIT_BEGINNING.to_owned());
    loop {
        let text = "select id, time, actor, verb, customer_id, subject, outcome, detail, hash, hash as previous from audit \
                    where id > $1 order by id limit $2";
        let rows = sqlx::query(text).bind(at).bind(SLICE).fetch_all(&mut **tx).await?;
        if rows.is_empty() {
            return Ok(head);
        }
        for row in &rows {
            let mut entry = store::read(row)?;
            entry.previous = head;
            head = chain::hash(&entry);
            at = entry.id;
            sqlx::query("update audit set hash = $1 where id = $2").bind(&head).bind(at).execute(&mut **tx).await?;
        }
    }
}
