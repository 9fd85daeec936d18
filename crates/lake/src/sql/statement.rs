//! One `SELECT`, checked before anything is planned: what makes a small text a large plan is refused here.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{self, ObjectName, Query, Visit, Visitor, visit_relations};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::SqlError;
use super::error;

/// Bytes a statement may have.
pub const MAX_SQL_BYTES: usize = 16 << 10;

/// Tables a statement may read; one that is named in `WITH` counts as often as it is used, with all that it reads.
pub const MAX_SQL_TABLES: usize = 32;

/// Expressions and subqueries inside one another. The parser tries a keyword in more than one way, and so works twice as long for each of
/// them when none fits: found by fuzzing, 50 were minutes.
const MAX_DEPTH: usize = 16;

/// Operators and keywords of a statement. A chain of them is a tree as deep as it is long, and trees are walked on the stack.
const MAX_OPERATORS: usize = 400;

/// A statement that may be run. Made by [`Sql::parse`].
#[derive(Clone, Debug)]
pub struct Sql {
    text: String,
    query: Box<Query>,
    tables: Vec<String>,
}

impl Sql {
    /// Parses a statement.
    ///
    /// # Errors
    /// [`SqlError::Invalid`] if it is not one `SELECT` within the bounds.
    pub fn parse(text: &str) -> Result<Self, SqlError> {
        if text.len() > MAX_SQL_BYTES {
            return Err(SqlError::invalid(format!("has {} bytes, {MAX_SQL_BYTES} are allowed", text.len())));
        }
        let dialect = GenericDialect {};
        let operators = operators(text, &dialect);
        if operators > MAX_OPERATORS {
            return Err(SqlError::invalid(format!(
                "has {operators} operators and keywords, {MAX_OPERATORS} are allowed; a long list goes into IN (…)"
            )));
        }
        let parser = DFParserBuilder::new(text).with_dialect(&dialect).with_recursion_limit(MAX_DEPTH).build();
        let statements = parser.and_then(|mut parser| parser.parse_statements()).map_err(|error| error::planning(error, text))?;
        let mut statements = statements.into_iter();
        let query = match (statements.next(), statements.next()) {
            (Some(Statement::Statement(statement)), None) => match *statement {
                ast::Statement::Query(query) => query,
                _ => return Err(only_select()),
            },
            (None, _) => return Err(SqlError::invalid("is empty")),
            (Some(_), None) => return Err(only_select()),
            (Some(_), Some(_)) => return Err(SqlError::invalid("must be one statement")),
        };
        let tables = check(&query)?;
        Ok(Self { text: text.to_owned(), query, tables })
    }

    /// Whether it reads a table of this name.
    pub fn reads(&self, table: &str) -> bool {
        self.tables.iter().any(|read| read == table)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn parsed(&self) -> Statement {
        Statement::Statement(Box::new(ast::Statement::Query(self.query.clone())))
    }
}

/// How many operators and keywords a text has, as far as it can be read.
fn operators(text: &str, dialect: &GenericDialect) -> usize {
    let mut tokens = Vec::new();
    let _unreadable = Tokenizer::new(dialect, text).tokenize_with_location_into_buf(&mut tokens);
    let plain = |token: &Token| match token {
        Token::Word(word) => word.keyword == Keyword::NoKeyword,
        Token::Comma | Token::LParen | Token::RParen | Token::Period | Token::SemiColon | Token::EOF | Token::Whitespace(_) | Token::Number(..) => {
            true
        }
        Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => true,
        _ => false,
    };
    tokens.iter().filter(|token| !plain(&token.token)).count()
}

fn only_select() -> SqlError {
    SqlError::Invalid { message: "only SELECT is possible here".into(), position: Some(0) }
}

/// Refuses what is not a plain query, and gives the names of tables it reads, those of its `WITH` among them.
fn check(query: &Query) -> Result<Vec<String>, SqlError> {
    let mut shape = Shape::default();
    if let ControlFlow::Break(refused) = query.visit(&mut shape) {
        return Err(SqlError::invalid(refused));
    }
    let mut weights = HashMap::<String, usize>::new();
    let mut total = 0_usize;
    for table in query.with.iter().flat_map(|with| &with.cte_tables) {
        let weight = weigh(&table.query, &weights);
        total = total.saturating_add(weight);
        weights.insert(table.alias.name.value.to_lowercase(), weight);
    }
    // The whole query counts what `WITH` reads once more, which is little.
    let total = total.max(weigh(query, &weights));
    if total > MAX_SQL_TABLES {
        return Err(SqlError::invalid(format!("reads {total} tables, {MAX_SQL_TABLES} are allowed")));
    }
    let mut tables = Vec::new();
    let _all: ControlFlow<()> = visit_relations(query, |name| {
        tables.push(last(name));
        ControlFlow::Continue(())
    });
    Ok(tables)
}

/// The tables a query reads, those behind the names in `WITH` counted each time.
fn weigh(query: &Query, weights: &HashMap<String, usize>) -> usize {
    let mut weight = 0_usize;
    let _all: ControlFlow<()> = visit_relations(query, |name| {
        weight = weight.saturating_add(weights.get(&last(name)).copied().unwrap_or(1).max(1));
        ControlFlow::Continue(())
    });
    weight
}

fn last(name: &ObjectName) -> String {
    name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.to_lowercase()).unwrap_or_default()
}

/// What a query is made of.
#[derive(Default)]
struct Shape {
    queries: usize,
}

impl Visitor for Shape {
    type Break = &'static str;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        self.queries += 1;
        match &query.with {
            Some(with) if with.recursive => ControlFlow::Break("WITH RECURSIVE is not possible here"),
            Some(_) if self.queries > 1 => ControlFlow::Break("WITH is possible at the beginning only"),
            _ if !query.locks.is_empty() => ControlFlow::Break("FOR UPDATE and FOR SHARE are not possible here"),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_statement(&mut self, _: &ast::Statement) -> ControlFlow<Self::Break> {
        ControlFlow::Break("only SELECT is possible here")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, Option<usize>) {
        match Sql::parse(text) {
            Err(SqlError::Invalid { message, position }) => (message, position),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn one_select_passes_and_nothing_else() {
        let read = Sql::parse("with a as (select id from events) select * from a join Signals s on s.id = a.id where id in (select id from records)");
        let read = read.expect("a statement");
        assert!(["events", "signals", "records", "a"].iter().all(|table| read.reads(table)) && !read.reads("failed_records"));
        for text in [
            "",
            " ; ",
            "select 1; select 2",
            "create table x as select 1",
            "create external table x stored as parquet location '/etc'",
            "copy events to '/tmp/x.parquet'",
            "insert into events select * from events",
            "with x as (delete from events returning *) select * from x",
            "set datafusion.execution.batch_size = 1",
            "reset all",
            "explain analyze select 1",
            "show tables",
            "describe events",
            "select * from events for update",
            "with recursive x as (select 1 as n union all select n + 1 from x) select * from x",
            "select * from (with a as (select 1) select * from a)",
            "prepare x as select 1",
            "load 'x'",
            "use other",
            "drop table events",
        ] {
            refused(text);
        }
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        assert_eq!(refused("select * form events").1, Some(9));
        assert_eq!(refused("select *\nfrom events\nwhere ü ==> 1").1.map(|at| at >= 26), Some(true));
        assert_eq!(refused("select 'open").1, Some(7));
        assert!(refused(&format!("select {}1{}", "(".repeat(200), ")".repeat(200))).0.contains("recursion"));
        assert!(refused(&format!("select '{}'", "x".repeat(MAX_SQL_BYTES))).0.contains("bytes"));
        assert!(refused(&format!("select 1{}", " + 1".repeat(500))).0.contains("operators"));
    }

    #[test]
    fn tables_that_double_are_counted() {
        let doubled = (1..8).map(|n| format!(", t{n} as (select a.x from t{} a, t{} b)", n - 1, n - 1)).collect::<String>();
        let (message, _) = refused(&format!("with t0 as (select 1 as x from events){doubled} select * from t7"));
        assert!(message.contains("tables"), "{message}");
    }
}
