//! What the signals, comments and evidence of a workspace's open investigations say, in memory while the workspace is closed: a tree of conditions
//! over hundreds of workspaces opens none of them. Each field's values are there once, with the investigations that have them.

use super::{eval::entity_kind, facts::decide};
use bailiwick_api::{Condition, Field, Op};
use bailiwick_chassis::{Refusal, sql::Db};
use futures_util::TryStreamExt;
use sqlx::Row;
use std::{
    collections::{HashMap, HashSet},
    mem::size_of,
};

/// What one workspace may have of it; a larger one is asked in its database.
const MAX_BYTES: usize = 8 << 20;
/// Fields, and whether what they hold is looked for anywhere in it.
const FIELDS: [Field; 7] = [Field::Rule, Field::RuleName, Field::Technique, Field::Hostname, Field::Username, Field::Ip, Field::Comment];

const SIGNALS: &str = "select distinct s.investigation, s.rule, s.name, s.tags, s.entity_type, s.entity_value from signal s \
                       join investigation i on i.id = s.investigation where i.status <> 'CLOSED'";
const COMMENTS: &str = "select c.investigation, c.body from comment c join investigation i on i.id = c.investigation where i.status <> 'CLOSED'";
const EVIDENCE: &str = "select e.investigation, e.event, e.event || ' ' || coalesce(e.note, '') || ' ' || e.body as body from evidence e \
                        join investigation i on i.id = e.investigation where i.status <> 'CLOSED'";

/// The values of one field, each with the numbers of its investigations.
type Values = HashMap<Box<str>, Vec<u32>>;

/// What is known of one workspace.
#[derive(Default)]
pub(crate) struct Told {
    ids: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    fields: [Values; FIELDS.len()],
    /// Events that are evidence, by name and whole.
    events: Values,
    whole_events: Values,
    bytes: usize,
}

impl Told {
    /// Reads it; none when it is too much.
    pub(super) async fn read(db: &Db, room: usize) -> Result<Option<Self>, Refusal> {
        let (mut told, room) = (Self::default(), room.min(MAX_BYTES));
        let mut rows = sqlx::query(SIGNALS).fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            let at = told.number(row.try_get("investigation")?);
            told.put(Field::Rule, row.try_get("rule")?, at);
            told.put(Field::RuleName, row.try_get("name")?, at);
            told.put(Field::Technique, row.try_get("tags")?, at);
            let kind: &str = row.try_get("entity_type")?;
            if let Some(field) = FIELDS.into_iter().find(|field| entity_kind(*field) == Some(kind)) {
                told.put(field, row.try_get("entity_value")?, at);
            }
            if told.bytes > room {
                return Ok(None);
            }
        }
        drop(rows);
        let mut rows = sqlx::query(COMMENTS).fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            let at = told.number(row.try_get("investigation")?);
            told.put(Field::Comment, row.try_get("body")?, at);
            if told.bytes > room {
                return Ok(None);
            }
        }
        drop(rows);
        let mut rows = sqlx::query(EVIDENCE).fetch(db.pool());
        while let Some(row) = rows.try_next().await? {
            let at = told.number(row.try_get("investigation")?);
            told.bytes += put(&mut told.events, row.try_get("event")?, at) + put(&mut told.whole_events, row.try_get("body")?, at);
            if told.bytes > room {
                return Ok(None);
            }
        }
        Ok(Some(told))
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// A set for each condition: the ids of the investigations it holds for; of those that have something when it asks for an absence.
    pub(crate) fn sets(&self, conditions: &[&Condition]) -> Vec<HashSet<String>> {
        conditions.iter().map(|one| self.set(one)).collect()
    }

    fn set(&self, one: &Condition) -> HashSet<String> {
        let values = match (one.field, one.op) {
            (Field::Evidence, Op::Contains) => &self.whole_events,
            (Field::Evidence, _) => &self.events,
            (field, _) => match FIELDS.iter().position(|known| *known == field) {
                Some(at) => &self.fields[at],
                None => return HashSet::new(),
            },
        };
        let found: HashSet<u32> = values.iter().filter(|(value, _)| decide(one, value)).flat_map(|(_, at)| at.iter().copied()).collect();
        found.into_iter().filter_map(|at| self.ids.get(at as usize)).map(|id| id.to_string()).collect()
    }

    fn number(&mut self, id: &str) -> u32 {
        if let Some(known) = self.numbers.get(id) {
            return *known;
        }
        let at = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(id.into());
        self.numbers.insert(id.into(), at);
        self.bytes += 2 * (id.len() + size_of::<Box<str>>());
        at
    }

    fn put(&mut self, field: Field, value: &str, at: u32) {
        if let Some(place) = FIELDS.iter().position(|known| *known == field) {
            self.bytes += put(&mut self.fields[place], value, at);
        }
    }
}

/// Puts a value and says how much memory that takes.
fn put(values: &mut Values, value: &str, at: u32) -> usize {
    match values.get_mut(value) {
        Some(known) if known.last() == Some(&at) => 0,
        Some(known) => {
            known.push(at);
            size_of::<u32>()
        }
        None => {
            values.insert(value.into(), vec![at]);
            value.len() + size_of::<(Box<str>, Vec<u32>)>() + size_of::<[u32; 4]>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::facts, *};
    use bailiwick_api::Where;
    use serde_json::json;

    static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/workspace");

    async fn filled(dir: &tempfile::TempDir) -> Db {
        let db = Db::file(&dir.path().join("workspace.db"), &MIGRATIONS, 1).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for (id, status) in [("i-1", "OPEN"), ("i-2", "WAITING"), ("i-3", "CLOSED")] {
            let text = "insert into investigation (id, version, title, status, priority, disposition, source, created, updated) \
                        values ($1, 1, 'T', $2, 1, 'UNDECIDED', 'ALERT', 1, 1)";
            sqlx::query(text).bind(id).bind(status).execute(&mut *tx).await.unwrap();
            for (n, name, tags, kind, value) in [
                (1, "Password Spray", r#"["attack.t1110.003"]"#, "hostname", "SRV-1"),
                (2, "K elvin", "[]", "username", "Ünal"),
                (3, "Beacon", r#"["noise"]"#, "ip", "198.51.100.7"),
            ] {
                if id == "i-2" && n == 1 {
                    continue;
                }
                let text = "insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, \
                            matched, message, tags, investigation) values ($1, $2, $3, 'high', 7, $4, $5, 'm', 1, 1, '[]', '{}', '', $6, $7)";
                let signal = sqlx::query(text).bind(format!("{id}-{n}")).bind(format!("r-{n}")).bind(name).bind(kind).bind(value);
                signal.bind(tags).bind(id).execute(&mut *tx).await.unwrap();
            }
            let text = "insert into comment (id, investigation, author_kind, author_email, author_name, created, body, visibility) \
                        values ($1, $2, 'USER', 'a', 'A', 1, $3, 'INTERNAL')";
            sqlx::query(text).bind(format!("c-{id}")).bind(id).bind(format!("Called about {id}")).execute(&mut *tx).await.unwrap();
        }
        let text = "insert into evidence (investigation, event, body, note, added, added_by) values ('i-2', 'e-9', 'RAW text', 'why', 1, 'a')";
        sqlx::query(text).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        db
    }

    #[tokio::test]
    async fn memory_finds_what_the_database_finds_of_open_investigations() {
        let dir = tempfile::tempdir().unwrap();
        let db = filled(&dir).await;
        let told = Told::read(&db, usize::MAX).await.unwrap().unwrap();
        let is = |field: &str, op: &str, value: serde_json::Value| json!({"field": field, "op": op, "value": value});
        for tree in [
            is("rule_name", "contains", json!("spray")),
            is("rule_name", "starts_with", json!("k")),
            is("rule", "in", json!(["r-1", "R-3"])),
            is("technique", "equals", json!("t1110.003")),
            is("technique", "exists", json!(false)),
            is("hostname", "equals", json!("srv-1")),
            is("username", "contains", json!("ünal")),
            is("ip", "starts_with", json!("198.")),
            is("comment", "contains", json!("about I-2")),
            is("comment", "exists", json!(true)),
            is("evidence", "contains", json!("raw")),
            is("evidence", "equals", json!("E-9")),
            is("evidence", "exists", json!(true)),
        ] {
            let tree: Where = serde_json::from_value(tree.clone()).unwrap_or_else(|e| panic!("{tree}: {e}"));
            let conditions = tree.conditions();
            let mut asked = facts::sets(&db, &conditions).await.unwrap();
            asked.iter_mut().for_each(|set| set.retain(|id| id != "i-3"));
            assert_eq!(told.sets(&conditions), asked, "{tree:?}");
        }
        db.close().await;
    }

    #[tokio::test]
    async fn too_much_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let db = filled(&dir).await;
        assert!(Told::read(&db, 100).await.unwrap().is_none());
        db.close().await;
    }
}
