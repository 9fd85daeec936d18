//! A parser: its VRL program, compiled once, and one run of it over the fields of one event.
//!
//! The program reads the event (`.`) and writes what it makes of it to the metadata (`%`); `parsers/README.md` is the contract.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::{CompileConfig, Function, Program, SecretTarget, Target, TimeZone, compile_with_external, state::ExternalEnv};
use vrl::diagnostic::Formatter;
use vrl::path::{OwnedSegment, OwnedTargetPath, PathPrefix};
use vrl::value::{KeyString, ObjectMap, Value as VrlValue};

use crate::catalogue::{Catalogue, KnownEvent};
use crate::dictionary;
use crate::fields::{Fields, Value};

/// Functions a program may not call: they read a clock, a random source or the environment, or write to the log.
const IMPURE: &[&str] = &[
    "now",
    "random_bool",
    "random_bytes",
    "random_float",
    "random_int",
    "uuid_v4",
    "uuid_v7",
    "log",
    "parse_syslog",
    "parse_klog",
    "parse_linux_authorization",
    "get_env_var",
    "get_hostname",
    "get_timezone_name",
    "http_request",
    "dns_lookup",
    "reverse_dns",
];
/// The most expressions one event may evaluate; ours need some hundreds.
const MAX_STEPS: u32 = 100_000;
/// The most fields a program may add to an event.
const MAX_ADDED_FIELDS: usize = 256;
/// The longest program text.
const MAX_SOURCE: usize = 256 * 1024;
/// What a program may write, beside `%ecs` and `%fields`.
const OUTPUTS: &[&str] = &["vendor", "product", "event_code", "record_type", "time", "message", "logsource", "failed", "ecs", "fields"];

/// A parser that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParserError {
    /// The program does not compile; `diagnostics` point at the place.
    #[error("parser {parser}: the program does not compile: {diagnostics}")]
    Compile { parser: String, diagnostics: String },
    /// It compiles and is against the contract.
    #[error("parser {parser}: {problem}")]
    Contract { parser: String, problem: String },
}

/// A compiled parser.
#[derive(Debug)]
pub(crate) struct Parser {
    pub(crate) name: String,
    program: Program,
    /// The event's fields the program reads, sorted; `None` when it reads the event as a whole.
    reads: Option<Vec<String>>,
    catalogue: Catalogue,
}

/// What a program made of an event; nothing in it is checked or typed yet.
#[derive(Debug, Default)]
pub(crate) struct Output(ObjectMap);

/// Why a run gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RunError {
    /// The program called `abort`: the event is not one of its kind.
    Aborted(String),
    /// The program failed or ran too long.
    Failed(String),
}

/// The functions programs may call.
pub(crate) fn functions() -> Vec<Box<dyn Function>> {
    vrl::stdlib::all().into_iter().filter(|function| !IMPURE.contains(&function.identifier())).collect()
}

impl Parser {
    /// Compiles a parser from its program and its table of known events.
    pub(crate) fn compile(name: &str, source: &str, events: &str, functions: &[Box<dyn Function>]) -> Result<Self, ParserError> {
        let contract = |problem: String| ParserError::Contract { parser: name.to_owned(), problem };
        if source.len() > MAX_SOURCE {
            return Err(contract(format!("the program has {} bytes, {MAX_SOURCE} at most", source.len())));
        }
        let mut config = CompileConfig::default();
        config.set_read_only_path(OwnedTargetPath::event_root(), true);
        let compiled = compile_with_external(source, functions, &ExternalEnv::default(), config)
            .map_err(|list| ParserError::Compile { parser: name.to_owned(), diagnostics: Formatter::new(source, list).to_string() })?;
        let info = compiled.program.info();
        info.target_assignments.iter().try_for_each(check_assignment).map_err(contract)?;
        let reads = reads(&info.target_queries);
        let catalogue = Catalogue::parse(events).map_err(contract)?;
        Ok(Self { name: name.to_owned(), program: compiled.program, reads, catalogue })
    }

    /// What the parser's table says of an event.
    pub(crate) fn known_event(&self, channel: &str, code: &str) -> Option<&KnownEvent> {
        self.catalogue.get(channel, code)
    }

    /// Runs the program over the fields of one event.
    pub(crate) fn run(&self, runtime: &mut Runtime, zone: &TimeZone, fields: &Fields) -> Result<Output, RunError> {
        let mut sheet = Sheet { event: self.view(fields), output: VrlValue::Object(ObjectMap::new()) };
        let mut steps = 0_u32;
        let mut budget = || {
            steps += 1;
            if steps > MAX_STEPS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        runtime.clear();
        match runtime.resolve_with_control(&mut sheet, &self.program, zone, &mut budget) {
            Ok(_) => match sheet.output {
                VrlValue::Object(map) => Ok(Output(map)),
                _ => Err(RunError::Failed("the program replaced its output".to_owned())),
            },
            Err(Terminate::Abort(error)) => Err(RunError::Aborted(error.to_string())),
            Err(Terminate::Interrupted) => Err(RunError::Failed(format!("the program ran more than {MAX_STEPS} steps"))),
            Err(Terminate::Error(error)) => Err(RunError::Failed(error.to_string())),
        }
    }

    /// The event as the program sees it: only the fields it reads are copied. Both lists are sorted, one pass joins them.
    fn view(&self, fields: &Fields) -> VrlValue {
        let mut object = BTreeMap::new();
        let mut copy = |name: &str, value: &Value| object.insert(KeyString::from(name), to_vrl(value));
        let Some(reads) = &self.reads else {
            fields.iter().for_each(|(name, value)| drop(copy(name, value)));
            return VrlValue::Object(object);
        };
        let mut wanted = reads.iter().peekable();
        for (name, value) in fields.iter() {
            while wanted.next_if(|next| next.as_str() < name).is_some() {}
            match wanted.peek() {
                Some(next) if next.as_str() == name => drop(copy(name, value)),
                Some(_) => {}
                None => break,
            }
        }
        VrlValue::Object(object)
    }
}

/// The top-level event fields among the paths a program queries.
fn reads(queries: &[OwnedTargetPath]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for query in queries.iter().filter(|query| query.prefix == PathPrefix::Event) {
        match query.path.segments.first() {
            Some(OwnedSegment::Field(name)) => names.push(name.to_string()),
            _ => return None,
        }
    }
    names.sort_unstable();
    names.dedup();
    Some(names)
}

fn check_assignment(path: &OwnedTargetPath) -> Result<(), String> {
    let names: Vec<&str> = path.path.segments.iter().map(|s| if let OwnedSegment::Field(name) = s { name.as_str() } else { "[]" }).collect();
    match names[..] {
        [] => Err("the program assigns to all of its output at once".to_owned()),
        ["ecs"] => Err("the program assigns to %ecs as a whole".to_owned()),
        ["ecs", name] if dictionary::field(name).is_none() => Err(format!("{name:?} is not in the field dictionary")),
        ["ecs", _, _, ..] => Err(format!("write the dictionary name in quotes: %ecs.{:?}", names[1..].join("."))),
        [output, ..] if !OUTPUTS.contains(&output) => Err(format!("%{output} is none of the outputs {}", OUTPUTS.join(", "))),
        _ => Ok(()),
    }
}

impl Output {
    /// Takes a scalar output; null and nested values are none.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).and_then(scalar)
    }

    /// Takes a scalar output as text; the empty text is none.
    pub(crate) fn take_text(&mut self, name: &str) -> Option<String> {
        self.take(name)?.to_text().map(|text| text.into_owned()).filter(|text| !text.is_empty())
    }

    /// Takes the members of an object output; nothing when it is no object.
    pub(crate) fn take_object(&mut self, name: &str) -> Self {
        match self.0.remove(name) {
            Some(VrlValue::Object(map)) => Self(map),
            _ => Self::default(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members in the dictionary's types; what says nothing is left out.
    pub(crate) fn into_ecs(self) -> Fields {
        let pairs = self.0.into_iter().filter_map(|(name, value)| {
            let field = dictionary::field(&name)?;
            Some((field.name.into(), field.coerce(&scalar(value)?)?))
        });
        Fields::from_pairs(pairs.collect())
    }

    /// The members as fields of the event, null and empty ones left out; an error when there are too many.
    pub(crate) fn into_fields(self) -> Result<Vec<(Box<str>, Value)>, String> {
        if self.0.len() > MAX_ADDED_FIELDS {
            return Err(format!("the program added {} fields, {MAX_ADDED_FIELDS} at most", self.0.len()));
        }
        let pairs = self.0.into_iter().filter_map(|(name, value)| Some((String::from(name).into_boxed_str(), from_vrl(value)?)));
        Ok(pairs.filter(|(_, value)| value.as_str() != Some("")).collect())
    }
}

fn to_vrl(value: &Value) -> VrlValue {
    match value {
        Value::Str(text) => VrlValue::from(text.as_str()),
        Value::Int(number) => VrlValue::Integer(*number),
        Value::Float(number) => VrlValue::from_f64_or_zero(*number),
        Value::Bool(flag) => VrlValue::Boolean(*flag),
        Value::Null => VrlValue::Null,
        Value::Json(nested) => VrlValue::from(nested),
    }
}

fn scalar(value: VrlValue) -> Option<Value> {
    match value {
        VrlValue::Object(_) | VrlValue::Array(_) => None,
        other => from_vrl(other),
    }
}

fn from_vrl(value: VrlValue) -> Option<Value> {
    Some(match value {
        VrlValue::Null => return None,
        VrlValue::Integer(number) => Value::Int(number),
        VrlValue::Float(number) => Value::Float(number.into_inner()),
        VrlValue::Boolean(flag) => Value::Bool(flag),
        VrlValue::Timestamp(time) => Value::Str(time.to_rfc3339()),
        nested @ (VrlValue::Object(_) | VrlValue::Array(_)) => Value::Json(nested.try_into().ok()?),
        text => Value::Str(text.to_string_lossy().into_owned()),
    })
}

/// What a program runs on: the event to read, the output to write, no secrets.
#[derive(Debug)]
struct Sheet {
    event: VrlValue,
    output: VrlValue,
}

impl Sheet {
    fn side(&self, prefix: PathPrefix) -> &VrlValue {
        match prefix {
            PathPrefix::Event => &self.event,
            PathPrefix::Metadata => &self.output,
        }
    }

    fn side_mut(&mut self, prefix: PathPrefix) -> &mut VrlValue {
        match prefix {
            PathPrefix::Event => &mut self.event,
            PathPrefix::Metadata => &mut self.output,
        }
    }
}

impl Target for Sheet {
    fn target_insert(&mut self, path: &OwnedTargetPath, value: VrlValue) -> Result<(), String> {
        self.side_mut(path.prefix).insert(&path.path, value);
        Ok(())
    }

    fn target_get(&self, path: &OwnedTargetPath) -> Result<Option<&VrlValue>, String> {
        Ok(self.side(path.prefix).get(&path.path))
    }

    fn target_get_mut(&mut self, path: &OwnedTargetPath) -> Result<Option<&mut VrlValue>, String> {
        Ok(self.side_mut(path.prefix).get_mut(&path.path))
    }

    fn target_remove(&mut self, path: &OwnedTargetPath, compact: bool) -> Result<Option<VrlValue>, String> {
        Ok(self.side_mut(path.prefix).remove(&path.path, compact))
    }
}

impl SecretTarget for Sheet {
    fn get_secret(&self, _key: &str) -> Option<&str> {
        None
    }

    fn insert_secret(&mut self, _key: &str, _value: &str) {}

    fn remove_secret(&mut self, _key: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(source: &str) -> Result<Parser, ParserError> {
        Parser::compile("test", source, "", &functions())
    }

    fn run(source: &str) -> Result<Output, RunError> {
        let fields = serde_json::from_str(r#"{"a":"x","b":{"c":[1]},"z":2}"#).expect("fields");
        let zone = TimeZone::parse("UTC").expect("UTC");
        compile(source).expect("compiles").run(&mut Runtime::default(), &zone, &fields)
    }

    #[test]
    fn a_program_sees_the_fields_it_reads_and_its_output_is_typed() {
        let mut output = run(r#"%ecs."host.name" = .a; %ecs."process.pid" = .b.c[0]; %event_code = .z; %ecs."user.name" = .missing"#).expect("runs");
        assert_eq!(output.take_text("event_code").as_deref(), Some("2"));
        let ecs = output.take_object("ecs").into_ecs();
        assert_eq!(serde_json::to_string(&ecs).expect("serialises"), r#"{"host.name":"x","process.pid":1}"#);
    }

    #[test]
    fn what_is_against_the_contract_does_not_compile() {
        for (source, problem) in [
            (r#"%ecs."no.such" = 1"#, "\"no.such\" is not in the field dictionary"),
            ("%ecs.host.name = 1", "write the dictionary name in quotes: %ecs.\"host.name\""),
            ("%ecs = .", "the program assigns to %ecs as a whole"),
            ("%other = 1", "%other is none of the outputs"),
            (".a = 1", "does not compile"),
            ("%message = to_string(now())", "does not compile"),
        ] {
            let error = compile(source).expect_err(source).to_string();
            assert!(error.contains(problem), "{source}: {error}");
        }
    }

    #[test]
    fn an_abort_says_why_and_a_runaway_is_stopped() {
        assert!(matches!(run(r#"abort "not ours""#), Err(RunError::Aborted(why)) if why == "not ours"));
        let error = run("for_each(range!(0, 99000)) -> |_i, _v| { %message = \"x\"; %product = \"y\" }").expect_err("too long");
        assert_eq!(error, RunError::Failed("the program ran more than 100000 steps".to_owned()));
    }
}
