//! Rows of comma-separated files (RFC 4180), safe to open in a table calculator.

use crate::Refusal;

/// Rows as text, each with its line ending. A cell that would be taken for a formula gets an apostrophe before it.
pub fn rows<C: AsRef<str>, R: IntoIterator<Item = C>>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, Refusal> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.into_iter().map(|cell| plain(cell.as_ref()))).map_err(Refusal::internal)?;
    }
    writer.into_inner().map_err(|error| Refusal::internal(error.to_string()))
}

/// A cell that a table calculator takes for a formula gets an apostrophe before it.
pub(crate) fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_text() {
        let text = String::from_utf8(super::rows([["a", "b,c", "say \"hi\""], ["=1+1", "two\nlines", "@x"]]).unwrap()).unwrap();
        assert_eq!(text, "a,\"b,c\",\"say \"\"hi\"\"\"\r\n'=1+1,\"two\nlines\",'@x\r\n");
    }
}
