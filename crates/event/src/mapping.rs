//! A parser's table (`parsers/<name>/fields.tsv`): which field of the event goes to which field of the dictionary.
//!
//! The straight path for formats that are the bulk of what arrives: a table costs a tenth of a program and is its own documentation.
//! At start the rows that hold for a key (a channel, a program's name) and an event code become one [`Plan`], and all names a plan reads
//! are looked up in one pass over the sorted fields of an event.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::dictionary;
use crate::draft::{Draft, Part};
use crate::fields::{Fields, SortedName};
use crate::value::ValueRef;
use crate::via::Via;

/// The most names one plan reads.
const MAX_NAMES: usize = 96;
const NO_CODE: &str = "-";

/// A table, ready to run.
#[derive(Debug)]
pub(crate) struct Mapping {
    key: Box<str>,
    code: Box<str>,
    named: Vec<(Box<str>, Plans)>,
    /// For keys the table does not name.
    other: Plans,
}

/// The plans of one key.
#[derive(Debug)]
struct Plans {
    by_code: HashMap<Box<str>, Arc<Plan>>,
    other: Arc<Plan>,
}

/// Everything that is to be done for one kind of event.
#[derive(Debug)]
struct Plan {
    names: Vec<SortedName>,
    steps: Vec<Step>,
    /// Whether the parser's program has more to say of it.
    program: bool,
}

#[derive(Clone, Debug)]
struct Step {
    to: To,
    /// Places in the plan's names; the first that is present, not null and not false is taken.
    from: Vec<usize>,
    via: Via,
    only: Option<(usize, bool, Vec<Box<str>>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum To {
    Part(Part),
    /// A place in the dictionary.
    Ecs(u16),
    /// The parser's program runs, too.
    Program,
}

/// A condition on a field: whether its text must be, or must not be, one of these.
type Only = (String, bool, Vec<Box<str>>);

/// One line of the table.
struct Row {
    keys: Vec<String>,
    codes: Codes,
    to: To,
    from: Vec<String>,
    via: Via,
    only: Option<Only>,
}

/// Which event codes a row holds for.
#[derive(Default)]
struct Codes {
    all: bool,
    some: BTreeSet<String>,
    but: BTreeSet<String>,
}

impl Mapping {
    /// Reads a table; the error names the line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let first: Vec<&str> = lines.next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
        let ["key", key, code] = first[..] else {
            return Err("fields.tsv: the first line is `key`, the field that is the key, the field that is the event code".to_owned());
        };
        let rows: Vec<Row> =
            lines.map(|(at, line)| row(line).map_err(|why| format!("fields.tsv line {}: {why}", at + 1))).collect::<Result<_, _>>()?;
        let keys: BTreeSet<&str> = rows.iter().flat_map(|row| &row.keys).map(String::as_str).filter(|key| !matches!(*key, "*" | "else")).collect();
        let mut known = BTreeMap::new();
        let mut named = Vec::new();
        for key in keys {
            named.push((key.into(), plans(&rows, key, &mut known)?));
        }
        let other = plans(&rows, "else", &mut known)?;
        Ok(Self { key: key.into(), code: code.into(), named, other })
    }

    /// Writes what the table says of an event; true when the parser's program has more to say.
    pub(crate) fn run<'a>(&'a self, fields: &'a Fields, draft: &mut Draft<'a>) -> bool {
        let key = fields.get_str(&self.key).unwrap_or_default();
        let plans = self.named.iter().find(|(name, _)| fits(name, key)).map_or(&self.other, |(_, plans)| plans);
        let code = if &*self.code == NO_CODE { None } else { fields.get(&self.code).and_then(ValueRef::to_text) };
        let plan = code.and_then(|code| plans.by_code.get(code.as_ref())).unwrap_or(&plans.other);
        plan.run(fields, draft);
        plan.program
    }
}

/// `name` itself in any case, or every name that starts so when it ends in `*`.
fn fits(name: &str, key: &str) -> bool {
    match name.strip_suffix('*') {
        Some(stem) => key.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem)),
        None => name.eq_ignore_ascii_case(key),
    }
}

impl Plan {
    fn run<'a>(&'a self, fields: &'a Fields, draft: &mut Draft<'a>) {
        let mut found: [Option<ValueRef<'a>>; MAX_NAMES] = [None; MAX_NAMES];
        fields.join(&self.names, |at, value| found[at] = Some(value));
        for step in &self.steps {
            if let Some((name, equal, texts)) = &step.only {
                let text = found[*name].and_then(ValueRef::to_text);
                if texts.iter().any(|wanted| text.as_deref() == Some(wanted)) != *equal {
                    continue;
                }
            }
            let picked = step.from.iter().filter_map(|at| found[*at]).find(|value| !matches!(value, ValueRef::Null | ValueRef::Bool(false)));
            let value = step.via.apply(picked, fields, &draft.ecs);
            match step.to {
                To::Part(part) => draft.set(part, value.and_then(text)),
                To::Ecs(at) => {
                    if let Some(value) = value {
                        dictionary::write(&mut draft.ecs, at, borrowed(&value));
                    }
                }
                To::Program => {}
            }
        }
    }
}

/// A value of the event, or a text made of it.
pub(crate) type Made<'a> = Result<ValueRef<'a>, Cow<'a, str>>;

fn borrowed<'b>(made: &'b Made<'_>) -> ValueRef<'b> {
    match made {
        Ok(value) => *value,
        Err(text) => ValueRef::Str(text),
    }
}

fn text(made: Made<'_>) -> Option<Cow<'_, str>> {
    match made {
        Ok(value) => value.to_text(),
        Err(text) => Some(text),
    }
}

fn row(line: &str) -> Result<Row, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [keys, codes, to, from, via, only] = columns[..] else {
        return Err(format!("{} columns where 6 are needed", columns.len()));
    };
    let to = match to.strip_prefix('%') {
        Some("program") => To::Program,
        Some(part) => To::Part(Part::named(part).ok_or_else(|| format!("%{part} is no output"))?),
        None => To::Ecs(dictionary::place(to).ok_or_else(|| format!("{to:?} is not in the field dictionary"))?),
    };
    let list = |text: &str| text.split('|').filter(|item| *item != "-").map(str::to_owned).collect::<Vec<_>>();
    Ok(Row { keys: list(&keys.to_lowercase()), codes: self::codes(codes)?, to, from: list(from), via: Via::parse(via)?, only: self::only(only)? })
}

/// `*`, `1`, `4698-4702` and `!4657`, separated by commas.
fn codes(text: &str) -> Result<Codes, String> {
    let mut codes = Codes::default();
    for item in text.split(',') {
        let (but, item) = item.strip_prefix('!').map_or((false, item), |item| (true, item));
        let into = if but { &mut codes.but } else { &mut codes.some };
        match item.split_once('-') {
            _ if item == "*" => codes.all = true,
            None => drop(into.insert(item.to_owned())),
            Some((first, last)) => {
                let number = |text: &str| text.parse::<u32>().map_err(|_| format!("{item:?} is no range of event codes"));
                into.extend((number(first)?..=number(last)?).map(|code| code.to_string()));
            }
        }
    }
    Ok(codes)
}

/// `Field=a|b` or `Field!=a|b`.
fn only(text: &str) -> Result<Option<Only>, String> {
    if text == "-" {
        return Ok(None);
    }
    let (name, texts) = text.split_once('=').ok_or_else(|| format!("{text:?} is no condition"))?;
    let (name, equal) = name.strip_suffix('!').map_or((name, true), |name| (name, false));
    Ok(Some((name.to_owned(), equal, texts.split('|').map(Into::into).collect())))
}

impl Codes {
    /// Whether the row holds for a code; `None` stands for every code no row names.
    fn hold(&self, code: Option<&str>) -> bool {
        match code {
            Some(code) => (self.all || self.some.contains(code)) && !self.but.contains(code),
            None => self.all,
        }
    }
}

/// The plans of a key; kinds of events for which the same rows hold share one.
fn plans(rows: &[Row], key: &str, known: &mut BTreeMap<Vec<usize>, Arc<Plan>>) -> Result<Plans, String> {
    let of_key: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].keys.iter().any(|k| k == "*" || k == key)).collect();
    let mut plan = |code: Option<&str>| -> Result<Arc<Plan>, String> {
        let chosen: Vec<usize> = of_key.iter().copied().filter(|at| rows[*at].codes.hold(code)).collect();
        if let Some(plan) = known.get(&chosen) {
            return Ok(Arc::clone(plan));
        }
        let made = Arc::new(self::plan(chosen.iter().map(|at| &rows[*at]), key)?);
        known.insert(chosen, Arc::clone(&made));
        Ok(made)
    };
    let codes: BTreeSet<&String> = of_key.iter().flat_map(|at| rows[*at].codes.some.iter().chain(&rows[*at].codes.but)).collect();
    let other = plan(None)?;
    let by_code = codes.into_iter().map(|code| Ok((code.as_str().into(), plan(Some(code))?))).collect::<Result<_, String>>()?;
    Ok(Plans { by_code, other })
}

fn plan<'r>(rows: impl Iterator<Item = &'r Row> + Clone, key: &str) -> Result<Plan, String> {
    let mut names: Vec<SortedName> =
        rows.clone().flat_map(|row| row.from.iter().chain(row.only.as_ref().map(|(name, ..)| name))).map(|name| SortedName::new(name)).collect();
    names.sort();
    names.dedup();
    if names.len() > MAX_NAMES {
        return Err(format!("fields.tsv: the rows of {key:?} read {} fields of one event, {MAX_NAMES} at most", names.len()));
    }
    let place = |name: &str| names.binary_search(&SortedName::new(name)).expect("every name was collected above");
    let step = |row: &Row| Step {
        to: row.to,
        from: row.from.iter().map(|name| place(name)).collect(),
        via: row.via.clone(),
        only: row.only.as_ref().map(|(name, equal, texts)| (place(name), *equal, texts.clone())),
    };
    // Of two rows for the same output the last one decides; a dictionary field keeps what an earlier row found when a later one finds nothing.
    let last = |to: To| rows.clone().filter(|row| row.to == to).last().map(std::ptr::from_ref);
    let decides = |row: &&Row| matches!(row.to, To::Ecs(_)) || last(row.to) == Some(std::ptr::from_ref(*row));
    let steps = rows.clone().filter(|row| row.to != To::Program).filter(decides).map(step).collect();
    Ok(Plan { steps, program: rows.clone().any(|row| row.to == To::Program), names })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "key\tChannel\tEventID\n# a comment\n\
        *\t*\t%product\t-\t=Any\t-\n*\t*\thost.name\tComputer|Host name\t-\t-\n\
        a|b\t*,!7\tfile.path\tPath\t-\tKind!=Key|-\nb\t5-7\tregistry.path\tPath\t-\tKind=Key\nelse\t*\t%program\t-\t-\t-\n";

    fn run(json: &str) -> (String, bool) {
        let mapping = Mapping::parse(TABLE).expect("a good table");
        let fields: Fields = serde_json::from_str(json).expect("fields");
        let mut draft = Draft::default();
        let program = mapping.run(&fields, &mut draft);
        draft.ecs.settle();
        (serde_json::to_string(&draft.ecs).expect("serialises"), program)
    }

    #[test]
    fn rows_hold_for_their_keys_codes_and_conditions() {
        for (event, ecs, program) in [
            (r#"{"Channel":"B","EventID":6,"Path":"p","Kind":"Key","Host name":"H"}"#, r#"{"host.name":"h","registry.path":"p"}"#, false),
            (r#"{"Channel":"B","EventID":"7","Path":"p","Kind":"Key"}"#, r#"{"registry.path":"p"}"#, false),
            (r#"{"Channel":"a","Path":"p","Computer":null,"Host name":"x"}"#, r#"{"file.path":"p","host.name":"x"}"#, false),
            (r#"{"Channel":"a","Path":"p","Computer":"","Host name":"x"}"#, r#"{"file.path":"p"}"#, false),
            (r#"{"Channel":"c","Path":"p"}"#, "{}", true),
            ("{}", "{}", true),
        ] {
            assert_eq!(run(event), (ecs.to_owned(), program), "{event}");
        }
    }

    #[test]
    fn a_bad_table_names_its_line() {
        for (row, problem) in [
            ("a\tb", "fields.tsv line 2: 2 columns where 6 are needed"),
            ("*\t*\tno.such\tx\t-\t-", "fields.tsv line 2: \"no.such\" is not in the field dictionary"),
            ("*\t*\t%x\tx\t-\t-", "fields.tsv line 2: %x is no output"),
            ("*\t1-x\thost.name\tx\t-\t-", "fields.tsv line 2: \"1-x\" is no range of event codes"),
            ("*\t*\thost.name\tx\tmagic\t-", "fields.tsv line 2: \"magic\" is no way to make a value"),
            ("*\t*\thost.name\tx\t-\ty", "fields.tsv line 2: \"y\" is no condition"),
        ] {
            assert_eq!(Mapping::parse(&format!("key\ta\tb\n{row}")).expect_err(row), problem);
        }
    }
}
