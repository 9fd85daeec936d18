//! Many customers from a file: comma-separated, one a line, the first line names the columns. Each line is added as the form would, and
//! its fate told as it is known; the same file again changes nothing.

use super::{enrol, store};
use crate::{State, access::Actor};
use axum::body::{Body, Bytes};
use bailiwick_api::{Credentials, Customer, ImportLine, ImportReport, ImportResult, NewCustomer, Scheme};
use bailiwick_chassis::Refusal;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

/// Bytes of a file.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Customers of a file.
const MAX_LINES: usize = 1_000;

/// A line as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    mail: String,
    server: String,
    port: u16,
    scheme: Scheme,
    admin_user: String,
    admin_password: String,
    #[serde(default)]
    fingerprint: Option<String>,
    #[serde(default)]
    primary: Option<bool>,
}

impl Line {
    fn form(self) -> NewCustomer {
        NewCustomer {
            name: self.name,
            mail: self.mail,
            server: self.server,
            port: self.port,
            scheme: self.scheme,
            admin: Credentials { user: self.admin_user, password: self.admin_password },
            primary: self.primary.unwrap_or_default(),
            fingerprint: self.fingerprint,
        }
    }
}

/// A line by its number, or why it cannot be read.
type Read = (u32, Result<NewCustomer, String>);

/// Reads a file. Refused as a whole when its columns are wrong; a line that cannot be read is that line's own failure.
pub(super) fn read(file: &[u8]) -> Result<Vec<Read>, Refusal> {
    let wrong = |detail: String| Refusal::invalid("FILE_INVALID", "body", format!("body: {detail}"));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(false).from_reader(file);
    let headers = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let columns = ["name", "mail", "server", "port", "scheme", "admin_user", "admin_password"];
    if let Some(missing) = columns.iter().find(|column| !headers.iter().any(|header| header == **column)) {
        return Err(wrong(format!("column {missing} is missing; the first line names {}", columns.join(","))));
    }
    let known = |header: &str| columns.contains(&header) || ["fingerprint", "primary"].contains(&header);
    if let Some(other) = headers.iter().find(|header| !known(header)) {
        return Err(wrong(format!("column {} is unknown", other.chars().take(40).collect::<String>())));
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        if lines.len() == MAX_LINES {
            return Err(wrong(format!("more than {MAX_LINES} customers; split it")));
        }
        let number = |position: Option<&csv::Position>| position.map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
        lines.push(match record {
            Ok(record) => (number(record.position()), record.deserialize::<Line>(Some(&headers)).map(Line::form).map_err(|error| told(&error))),
            Err(error) => (number(error.position()), Err(told(&error))),
        });
    }
    Ok(lines)
}

/// What is wrong with a line, without what stands in it: that could be a password.
fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!("{len} columns where the first line has {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".into(),
        csv::ErrorKind::Deserialize { err, .. } => match err.field() {
            Some(field) => format!("column {} cannot be read", field + 1),
            None => "cannot be read: port is a number, scheme http or https, primary true or false".into(),
        },
        _ => "cannot be read".into(),
    }
}

/// Adds the customers one after the other; the answer grows by a line as each is done, and ends with the report.
pub(super) fn import(state: State, actor: Actor, lines: Vec<Read>) -> Body {
    let begin = (state, actor, lines.into_iter(), Some(ImportReport::default()));
    let answer = stream::unfold(begin, |(state, actor, mut lines, report)| async move {
        let mut report = report?;
        let Some((line, form)) = lines.next() else {
            return Some((written(&report), (state, actor, lines, None)));
        };
        let done = one(&state, &actor, line, form).await;
        match done.result {
            ImportResult::Added => report.added += 1,
            ImportResult::Unchanged => report.unchanged += 1,
            ImportResult::Failed => report.failed += 1,
        }
        Some((written(&done), (state, actor, lines, Some(report))))
    });
    // Whoever compresses the answer looks once more after its end.
    Body::from_stream(answer.fuse())
}

pub(super) fn written(object: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let mut text = serde_json::to_vec(object)?;
    text.push(b'\n');
    Ok(text.into())
}

async fn one(state: &State, actor: &Actor, line: u32, form: Result<NewCustomer, String>) -> ImportLine {
    let blank = ImportLine { line, name: String::new(), result: ImportResult::Failed, customer: None, code: None, field: None, detail: None };
    let form = match form {
        Ok(form) => form,
        Err(detail) => return ImportLine { code: Some("LINE_INVALID".into()), detail: Some(detail), ..blank },
    };
    let blank = ImportLine { name: form.name.chars().take(100).collect(), ..blank };
    match add_once(state, actor, form).await {
        Ok((customer, result)) => ImportLine { result, customer: Some(customer.id), ..blank },
        Err(refusal) => {
            let problem = refusal.problem();
            ImportLine { code: Some(problem.code), field: problem.field, detail: problem.detail, ..blank }
        }
    }
}

async fn add_once(state: &State, actor: &Actor, form: NewCustomer) -> Result<(Customer, ImportResult), Refusal> {
    if let Some(known) = store::named(&state.db, &form.name).await?
        && (known.server.as_str(), known.port, known.scheme) == (form.server.trim(), form.port, form.scheme)
    {
        return Ok((known, ImportResult::Unchanged));
    }
    enrol::add(state, actor, form).await.map(|customer| (customer, ImportResult::Added))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name,mail,server,port,scheme,admin_user,admin_password\n";

    #[test]
    fn a_line_that_cannot_be_read_is_its_own_failure_and_tells_no_password() {
        let file = format!(
            "{HEAD}Acme,soc@acme.example,10.0.0.1,9101,https,acme,\"se,cret\"\nBeta,soc@beta.example,10.0.0.2,port,https,beta,hunter2\nshort\n"
        );
        let lines = read(file.as_bytes()).unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].1.as_ref().unwrap().admin.password, "se,cret");
        assert_eq!(lines[1].0, 3);
        assert_eq!(lines[1].1.as_ref().err().map(String::as_str), Some("column 4 cannot be read"));
        assert!(lines[2].1.as_ref().is_err_and(|why| why.contains("1 columns")));
    }

    #[test]
    fn a_file_with_wrong_columns_is_refused_whole() {
        for (file, word) in [("name,mail\n", "server"), ("", "name"), (&*format!("colour,{HEAD}"), "colour")] {
            let refusal = read(file.as_bytes()).unwrap_err();
            assert!(refusal.problem().detail.is_some_and(|detail| detail.contains(word)), "{file}");
        }
        let many = format!("{HEAD}{}", "a,b@c.de,h,1,http,u,p\n".repeat(MAX_LINES + 1));
        assert_eq!(read(many.as_bytes()).unwrap_err().code(), "FILE_INVALID");
    }
}
