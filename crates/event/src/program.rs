//! A parser: its table, its VRL program or both, made ready once, and one run over the fields of one event.
//!
//! The program reads the event (`.`) and writes what it makes of it to the metadata (`%`); `parsers/README.md` is the contract.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;

use vrl::compiler::runtime::{Runtime, Terminate};
use vrl::compiler::state::TypeState;
use vrl::compiler::{CompileConfig, Compiler, Function, Program, SecretTarget, Target, TimeZone};
use vrl::diagnostic::{DiagnosticList, Formatter, Span};
use vrl::parser;
use vrl::path::{OwnedSegment, OwnedTargetPath, PathPrefix};
use vrl::value::{KeyString, ObjectMap, Value as VrlValue};

use crate::budget::{self, Excess, MAX_STEPS, MAX_TIME, Watch};
use crate::catalogue::{Catalogue, KnownEvent};
use crate::dictionary;
use crate::draft::Draft;
use crate::fields::Fields;
use crate::guard::{self, Refused};
use crate::mapping::Mapping;
use crate::output;
use crate::record::{Hints, Input};
use crate::value::ValueRef;

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
/// The longest text of an uploaded program, in bytes.
pub const MAX_SOURCE_BYTES: usize = 64 * 1024;
/// Room to read the most deeply nested text of that length before it is refused.
const COMPILER_STACK: usize = 256 * 1024 * 1024;
/// What a program may write, beside `%ecs` and `%fields`.
const OUTPUTS: &[&str] = &["vendor", "product", "event_code", "record_type", "time", "message", "logsource", "failed", "ecs", "fields"];

/// A parser that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("parser {parser}: {}{problem}", .line.map(|line| format!("line {line}, column {}: ", .column.unwrap_or(1))).unwrap_or_default())]
pub struct ParserError {
    /// The parser's name.
    pub parser: String,
    /// What it is about: `name`, `source`, or an output such as `%ecs.host.name`.
    pub field: String,
    /// Where in the program, from 1; nothing when it is about the program as a whole.
    pub line: Option<usize>,
    /// In characters from 1.
    pub column: Option<usize>,
    /// One sentence.
    pub problem: String,
    /// The compiler's own words with the lines they are about; empty when it had none.
    pub diagnostics: String,
}

impl ParserError {
    pub(crate) fn new(parser: &str, field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { parser: parser.to_owned(), field: field.into(), line: None, column: None, problem: problem.into(), diagnostics: String::new() }
    }

    fn at(parser: &str, source: &str, span: Span, problem: impl Into<String>) -> Self {
        let before = source.get(..span.start()).unwrap_or(source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line: Some(line), column: Some(column), ..Self::new(parser, "source", problem) }
    }

    fn compiler(parser: &str, source: &str, list: DiagnosticList) -> Self {
        let first = list.iter().find(|diagnostic| diagnostic.severity().is_error());
        let span = first.and_then(|diagnostic| diagnostic.labels().first()).map_or(Span::new(0, 0), |label| label.span);
        let problem = first.map_or_else(|| "no reason given".to_owned(), |diagnostic| diagnostic.message().to_owned());
        let error = Self::at(parser, source, span, format!("the program does not compile: {problem}"));
        Self { diagnostics: Formatter::new(source, list).to_string(), ..error }
    }
}

/// A parser, ready to run.
#[derive(Debug)]
pub(crate) struct Parser {
    pub(crate) name: String,
    mapping: Option<Mapping>,
    program: Option<Compiled>,
    catalogue: Catalogue,
    /// Of an uploaded parser: its runs, and whether it is set aside.
    pub(crate) watch: Option<Watch>,
}

#[derive(Debug)]
struct Compiled {
    program: Program,
    /// The event's fields the program reads, sorted; `None` when it reads the event as a whole.
    reads: Option<Vec<String>>,
}

/// The files of a parser that comes with the program.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Files<'a> {
    pub(crate) program: Option<&'a str>,
    pub(crate) fields: Option<&'a str>,
    pub(crate) events: Option<&'a str>,
}

/// Why a run gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RunError {
    /// The program called `abort`: the event is not one of its kind.
    Aborted(String),
    /// The program failed.
    Failed(String),
    /// What it wrote is not what the contract expects.
    Mismatch(String),
    /// It went over a limit.
    Excess(Excess),
    /// It is set aside, and why.
    SetAside(String),
}

/// The functions shipped programs may call.
pub(crate) fn functions() -> Vec<Box<dyn Function>> {
    vrl::stdlib::all().into_iter().filter(|function| !IMPURE.contains(&function.identifier())).collect()
}

impl Parser {
    /// Makes a parser of the files that come with the program.
    pub(crate) fn shipped(name: &str, files: Files<'_>, functions: &[Box<dyn Function>]) -> Result<Self, ParserError> {
        let program = files.program.map(|source| compile(name, source, functions, Ok)).transpose()?;
        let mapping = files.fields.map(Mapping::parse).transpose().map_err(|why| ParserError::new(name, "fields.tsv", why))?;
        let catalogue = Catalogue::parse(files.events.unwrap_or_default()).map_err(|why| ParserError::new(name, "events.tsv", why))?;
        Ok(Self { name: name.to_owned(), mapping, program, catalogue, watch: None })
    }

    /// Makes a parser of an uploaded program.
    pub(crate) fn uploaded(name: &str, source: &str, functions: &[Box<dyn Function>]) -> Result<Self, ParserError> {
        if source.len() > MAX_SOURCE_BYTES {
            return Err(ParserError::new(name, "source", format!("the program has {} bytes, {MAX_SOURCE_BYTES} at most", source.len())));
        }
        if let Some(refused) = guard::too_deep(source) {
            return Err(ParserError::at(name, source, refused.span, refused.problem));
        }
        // What is nested without end is only refused once it is read, and must be freed where there is room for it, too.
        let compiled = thread::scope(|scope| {
            let work = || compile(name, source, functions, guard::rewrite);
            let compiler = thread::Builder::new().name("parser-compiler".to_owned()).stack_size(COMPILER_STACK);
            compiler.spawn_scoped(scope, work).map(thread::ScopedJoinHandle::join)
        });
        let failed = |what: &str| ParserError::new(name, "source", format!("the compiler {what}"));
        let program = compiled.map_err(|error| failed(&format!("did not start: {error}")))?.map_err(|_| failed("panicked"))??;
        Ok(Self { name: name.to_owned(), mapping: None, program: Some(program), catalogue: Catalogue::default(), watch: Some(Watch::default()) })
    }

    /// A parser that is not run: its events become failed records until it is enabled anew.
    pub(crate) fn set_aside(name: &str, why: String) -> Self {
        Self { name: name.to_owned(), mapping: None, program: None, catalogue: Catalogue::default(), watch: Some(Watch::aside(why)) }
    }

    /// What the parser's table says of an event.
    pub(crate) fn known_event(&self, channel: &str, code: &str) -> Option<&KnownEvent> {
        self.catalogue.get(channel, code)
    }

    /// Writes what the parser makes of the fields of one event.
    pub(crate) fn run<'a>(
        &'a self,
        runtime: &mut Runtime,
        zone: &TimeZone,
        fields: &'a Fields,
        input: &Input<'_>,
        draft: &mut Draft<'a>,
    ) -> Result<(), RunError> {
        if let Some(why) = self.watch.as_ref().and_then(Watch::why) {
            return Err(RunError::SetAside(why.to_owned()));
        }
        let more = self.mapping.as_ref().is_none_or(|mapping| mapping.run(fields, draft));
        let Some(compiled) = self.program.as_ref().filter(|_| more) else { return Ok(()) };
        let output = VrlValue::Object(input.hints.map(hint).unwrap_or_default());
        let sheet = Sheet { event: compiled.view(fields), output, bounded: self.watch.is_some() };
        let output = match &self.watch {
            None => compiled.run(runtime, zone, sheet, steps_only()),
            Some(watch) => {
                let began = Instant::now();
                let output = compiled.run(runtime, zone, sheet, all_limits(began));
                let late = || (began.elapsed() > MAX_TIME).then_some(RunError::Excess(Excess::Time));
                let output = output.and_then(|output| late().map_or(Ok(output), Err));
                let excess = if let Err(RunError::Excess(excess)) = &output { Some(*excess) } else { None };
                watch.note(began, excess, input.raw);
                output
            }
        }?;
        output::finish(output, draft)
    }
}

/// Compiles a program; `prepare` may refuse or change its syntax tree.
fn compile(
    name: &str,
    source: &str,
    functions: &[Box<dyn Function>],
    prepare: fn(parser::Program) -> Result<parser::Program, Refused>,
) -> Result<Compiled, ParserError> {
    let tree = parser::parse(source).map_err(|error| ParserError::compiler(name, source, DiagnosticList::from(vec![Box::new(error) as Box<_>])))?;
    let tree = prepare(tree).map_err(|refused| ParserError::at(name, source, refused.span, refused.problem))?;
    let mut config = CompileConfig::default();
    config.set_read_only_path(OwnedTargetPath::event_root(), true);
    let compiled = Compiler::compile(functions, tree, &TypeState::default(), config).map_err(|list| ParserError::compiler(name, source, list))?;
    let info = compiled.program.info();
    info.target_assignments.iter().try_for_each(check_assignment).map_err(|(field, problem)| ParserError::new(name, field, problem))?;
    Ok(Compiled { reads: reads(&info.target_queries), program: compiled.program })
}

/// Stops a program of ours that runs away.
fn steps_only() -> impl FnMut() -> ControlFlow<Excess> {
    let mut steps = 0_u32;
    move || {
        steps += 1;
        if steps > MAX_STEPS { ControlFlow::Break(Excess::Steps) } else { ControlFlow::Continue(()) }
    }
}

/// Stops an uploaded program at the first limit it goes over.
fn all_limits(began: Instant) -> impl FnMut() -> ControlFlow<Excess> {
    budget::start();
    let mut steps = 0_u32;
    move || {
        steps += 1;
        let late = || steps.is_multiple_of(64) && began.elapsed() > MAX_TIME;
        match budget::excess() {
            Some(excess) => ControlFlow::Break(excess),
            None if steps > MAX_STEPS => ControlFlow::Break(Excess::Steps),
            None if late() => ControlFlow::Break(Excess::Time),
            None => ControlFlow::Continue(()),
        }
    }
}

impl Compiled {
    fn run(
        &self,
        runtime: &mut Runtime,
        zone: &TimeZone,
        mut sheet: Sheet,
        mut limits: impl FnMut() -> ControlFlow<Excess>,
    ) -> Result<ObjectMap, RunError> {
        let mut stopped = None;
        let mut control = || match limits() {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(excess) => {
                stopped = Some(excess);
                ControlFlow::Break(())
            }
        };
        runtime.clear();
        let ended = runtime.resolve_with_control(&mut sheet, &self.program, zone, &mut control);
        // Variables may be large: they are freed now, not when the next event comes.
        runtime.clear();
        match ended {
            // The last thing a program does may have been too much.
            Ok(_) if sheet.bounded && budget::excess().is_some() => Err(RunError::Excess(budget::excess().unwrap_or(Excess::Total))),
            Ok(_) => match sheet.output {
                VrlValue::Object(map) => Ok(map),
                _ => Err(RunError::Mismatch("the program replaced its output".to_owned())),
            },
            Err(Terminate::Abort(error)) => Err(RunError::Aborted(error.to_string())),
            Err(Terminate::Interrupted) => Err(RunError::Excess(stopped.or_else(budget::excess).unwrap_or(Excess::Steps))),
            Err(Terminate::Error(error)) => Err(RunError::Failed(error.to_string())),
        }
    }

    /// The event as the program sees it: only the fields it reads are copied. Both lists are sorted, one pass joins them.
    fn view(&self, fields: &Fields) -> VrlValue {
        let mut object = BTreeMap::new();
        let mut copy = |name: &str, value: ValueRef<'_>| object.insert(KeyString::from(name), to_vrl(value));
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

/// What a program may read as `%hint`: when and where the transport says it happened.
fn hint(hints: &Hints) -> ObjectMap {
    let text = |name: &str, text: &Option<String>| text.as_deref().map(|text| (KeyString::from(name), VrlValue::from(text)));
    let hint: ObjectMap = [text("time", &hints.time), text("host", &hints.host)].into_iter().flatten().collect();
    ObjectMap::from([(KeyString::from("hint"), VrlValue::Object(hint))])
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

/// The output that is wrong, and what is wrong with it.
fn check_assignment(path: &OwnedTargetPath) -> Result<(), (String, String)> {
    let names: Vec<&str> = path.path.segments.iter().map(|s| if let OwnedSegment::Field(name) = s { name.as_str() } else { "[]" }).collect();
    let wrong = |problem: String| Err((format!("%{}", names.join(".")), problem));
    match names[..] {
        [] => wrong("the program assigns to all of its output at once".to_owned()),
        ["ecs"] => wrong("the program assigns to %ecs as a whole".to_owned()),
        ["ecs", name] if dictionary::field(name).is_none() => wrong(format!("{name:?} is not in the field dictionary")),
        ["ecs", _, _, ..] => wrong(format!("write the dictionary name in quotes: %ecs.{:?}", names[1..].join("."))),
        [output, ..] if !OUTPUTS.contains(&output) => wrong(format!("%{output} is none of the outputs {}", OUTPUTS.join(", "))),
        _ => Ok(()),
    }
}

fn to_vrl(value: ValueRef<'_>) -> VrlValue {
    match value {
        ValueRef::Str(text) => VrlValue::from(text),
        ValueRef::Int(number) => VrlValue::Integer(number),
        ValueRef::Float(number) => VrlValue::from_f64_or_zero(number),
        ValueRef::Bool(flag) => VrlValue::Boolean(flag),
        ValueRef::Null => VrlValue::Null,
        ValueRef::Json(nested) => VrlValue::from(nested),
    }
}

/// What a program runs on: the event to read, the output to write, no secrets.
#[derive(Debug)]
struct Sheet {
    event: VrlValue,
    output: VrlValue,
    /// Whether what is written counts against a budget.
    bounded: bool,
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
        if self.bounded {
            // The runtime does not look at this error; the next step does at the budget.
            budget::charge_output(&value).map_err(|error| error.to_string())?;
        }
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
    use crate::record::Format;

    fn compile(source: &str) -> Result<Parser, ParserError> {
        Parser::shipped("test", Files { program: Some(source), ..Files::default() }, &functions())
    }

    fn run(source: &str) -> Result<(Option<String>, Fields), RunError> {
        let fields = serde_json::from_str(r#"{"a":"x","b":{"c":[1]},"z":2}"#).expect("fields");
        let zone = TimeZone::parse("UTC").expect("UTC");
        let parser = compile(source).expect("compiles");
        let mut draft = Draft::default();
        let hints = Hints { host: Some("gate-7".into()), ..Hints::default() };
        let input = Input { hints: Some(&hints), ..Input::new(b"", Format::Auto, chrono::DateTime::UNIX_EPOCH) };
        parser.run(&mut Runtime::default(), &zone, &fields, &input, &mut draft)?;
        draft.ecs.settle();
        Ok((draft.event_code, draft.ecs))
    }

    #[test]
    fn a_program_sees_the_fields_it_reads_and_its_output_is_typed() {
        let (code, ecs) =
            run(r#"%ecs."host.name" = .a; %ecs."process.pid" = .b.c[0]; %event_code = .z; %ecs."user.name" = .missing; %ecs."host.id" = %hint.host"#)
                .expect("runs");
        assert_eq!(code.as_deref(), Some("2"));
        assert_eq!(serde_json::to_string(&ecs).expect("serialises"), r#"{"host.id":"gate-7","host.name":"x","process.pid":1}"#);
    }

    #[test]
    fn what_is_against_the_contract_does_not_compile() {
        for (source, field, problem) in [
            (r#"%ecs."no.such" = 1"#, "%ecs.no.such", "\"no.such\" is not in the field dictionary"),
            ("%ecs.host.name = 1", "%ecs.host.name", "write the dictionary name in quotes: %ecs.\"host.name\""),
            ("%ecs = .", "%ecs", "the program assigns to %ecs as a whole"),
            ("%other = 1", "%other", "%other is none of the outputs"),
            ("%hint.host = 1", "%hint.host", "%hint is none of the outputs"),
            (".a = 1", "source", "does not compile"),
            ("%message = to_string(now())", "source", "does not compile"),
        ] {
            let error = compile(source).expect_err(source);
            assert_eq!(error.field, field);
            assert!(error.problem.contains(problem), "{source}: {error}");
        }
    }

    #[test]
    fn an_error_says_line_and_column() {
        let error = compile("x = 1\n%message = to_strin(\"ä\")").expect_err("no such function");
        assert_eq!((error.line, error.column), (Some(2), Some(12)), "{error}");
        assert!(error.diagnostics.contains("to_strin"), "{}", error.diagnostics);
    }

    #[test]
    fn an_abort_says_why_and_a_runaway_is_stopped() {
        assert!(matches!(run(r#"abort "not ours""#), Err(RunError::Aborted(why)) if why == "not ours"));
        let error = run("for_each(range!(0, 99000)) -> |_i, _v| { %message = \"x\"; %product = \"y\" }").expect_err("too long");
        assert_eq!(error, RunError::Excess(Excess::Steps));
    }
}
