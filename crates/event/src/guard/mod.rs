//! Makes an uploaded program measurable: calls of `budget` are put into its syntax tree, and what cannot be bounded is refused.
//!
//! - Every read of a variable is measured, and every result of a function. Between two measurements a value can only grow by what one
//!   expression adds up, and how much that is is limited here.
//! - Functions are chosen from a list: none reads a file, unpacks, backtracks or recurses over what an event says.
//! - `replace` and `join` take a short constant, so that they cannot multiply two long texts; `*` multiplies numbers only.
//! - Indices of paths, nesting and the size of regular expressions are limited.

mod functions;
mod regex;

pub(crate) use functions::functions;

use functions::{MEASURED, NUMBER};
use vrl::diagnostic::Span;
use vrl::parser::ast::{
    Abort, Array, Assignment, AssignmentTarget, Block, Container, Expr, FunctionArgument, FunctionCall, FunctionClosure, Group, Ident, IfStatement,
    Literal, Node, Not, Object, Op, Opcode, Predicate, Program, Query, QueryTarget, Return, RootExpr, Unary,
};
use vrl::path::{OwnedSegment, OwnedValuePath};

/// Functions whose first argument is a path, not a value.
const OF_PATHS: &[&str] = &["del", "exists"];
/// Functions that put an argument in as often as the text has places for it: the keyword and position of that argument.
const REPEATING: &[(&str, &str, usize)] = &[("replace", "with", 2), ("join", "separator", 1)];
/// The longest constant they take, in bytes.
const MAX_REPEATED: usize = 64;
/// The deepest nesting of expressions: they are run on a thread's stack.
const MAX_NESTING: usize = 150;
/// The deepest nesting of blocks: checking types repeats the work of the inner ones.
const MAX_BLOCKS: usize = 16;
/// The most open brackets of any kind: the lexer looks for the other end of each.
const MAX_BRACKETS: usize = 1000;
/// The most values one expression adds up or lists.
const MAX_TERMS: usize = 32;
/// The highest index of a path: assigning to it fills an array up to there.
const MAX_INDEX: isize = 1000;
/// The most states of all regular expressions together, as [`regex::cost`] estimates them.
const MAX_REGEX: usize = 40_000;

/// Why a program is not accepted, and where.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) span: Span,
    pub(crate) problem: String,
}

/// Where a text has so many open brackets that reading it would take too long. Those in quotes are counted, too.
pub(crate) fn too_deep(source: &str) -> Option<Refused> {
    let mut open = 0_usize;
    for (at, byte) in source.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > MAX_BRACKETS {
            return Some(Refused { span: Span::new(at, at + 1), problem: format!("brackets are nested more than {MAX_BRACKETS} deep") });
        }
    }
    None
}

/// The same program with everything measured.
pub(crate) fn rewrite(program: Program) -> Result<Program, Refused> {
    let mut guard = Guard::default();
    let roots = program.0.into_iter().map(|root| {
        let (span, root) = root.take();
        Ok(Node::new(
            span,
            match root {
                RootExpr::Expr(expr) => RootExpr::Expr(guard.expr(expr)?.0),
                error @ RootExpr::Error(_) => error,
            },
        ))
    });
    roots.collect::<Result<_, _>>().map(Program)
}

/// An expression and how many values of full size it may put together.
type Guarded = Result<(Node<Expr>, usize), Refused>;

#[derive(Default)]
struct Guard {
    nesting: usize,
    blocks: usize,
    regex: usize,
}

fn refuse<T>(span: Span, problem: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { span, problem: problem.into() })
}

impl Guard {
    fn expr(&mut self, node: Node<Expr>) -> Guarded {
        if self.nesting == MAX_NESTING {
            return refuse(node.span(), format!("expressions are nested more than {MAX_NESTING} deep, or a chain of operators is longer"));
        }
        self.nesting += 1;
        let guarded = self.inside(node);
        self.nesting -= 1;
        guarded
    }

    fn inside(&mut self, node: Node<Expr>) -> Guarded {
        let (span, expr) = node.take();
        let (expr, terms) = match expr {
            Expr::Literal(literal) => return self.literal(span, literal),
            Expr::Container(container) => {
                let (at, container) = container.take();
                let (container, terms) = self.container(span, container)?;
                (Expr::Container(Node::new(at, container)), terms)
            }
            Expr::IfStatement(node) => {
                let (at, IfStatement { predicate, if_node, else_node }) = node.take();
                let predicate = self.predicate(predicate)?;
                let if_node = self.block(if_node)?;
                let else_node = else_node.map(|block| self.otherwise(block)).transpose()?;
                (Expr::IfStatement(Node::new(at, IfStatement { predicate, if_node, else_node })), MAX_TERMS)
            }
            Expr::Op(op) => return self.op(span, op),
            Expr::Assignment(assignment) => {
                let (at, assignment) = assignment.take();
                let (assignment, terms) = self.assignment(span, assignment)?;
                (Expr::Assignment(Node::new(at, assignment)), terms)
            }
            Expr::Query(query) => return self.query(span, query),
            Expr::FunctionCall(call) => {
                let (at, call) = call.take();
                (Expr::FunctionCall(Node::new(at, self.call(span, call)?)), 1)
            }
            Expr::Variable(name) => (call_of(MEASURED, span, Node::new(span, Expr::Variable(name))), 1),
            Expr::Unary(unary) => {
                let (at, Unary::Not(not)) = unary.take();
                let (inner, not) = not.take();
                let (_, value) = not.take();
                let not = Node::new(inner, Not::new(inner, self.expr(*value)?.0));
                (Expr::Unary(Node::new(at, Unary::Not(not))), 0)
            }
            Expr::Abort(abort) => {
                let (at, Abort { message }) = abort.take();
                let message = message.map(|message| self.expr(*message).map(|(message, _)| Box::new(message))).transpose()?;
                (Expr::Abort(Node::new(at, Abort { message })), 0)
            }
            Expr::Return(node) => {
                let (at, Return { expr }) = node.take();
                let (expr, terms) = self.expr(*expr)?;
                (Expr::Return(Node::new(at, Return { expr: Box::new(expr) })), terms)
            }
            Expr::Break(at) => (Expr::Break(at), 0),
        };
        Ok((Node::new(span, expr), terms))
    }

    fn literal(&mut self, span: Span, literal: Node<Literal>) -> Guarded {
        match literal.inner() {
            Literal::String(template) if template.as_literal_string().is_none() => match template.rewrite_to_concatenated_strings() {
                whole @ Expr::Literal(_) => Ok((Node::new(span, whole), 0)),
                parts => self.expr(Node::new(span, parts)),
            },
            Literal::Regex(text) => {
                self.regex = self.regex.saturating_add(regex::cost(text));
                if self.regex > MAX_REGEX {
                    return refuse(span, "the regular expressions are too large: fewer repetitions such as {1,100}, or fewer expressions");
                }
                Ok((Node::new(span, Expr::Literal(literal)), 0))
            }
            _ => Ok((Node::new(span, Expr::Literal(literal)), 0)),
        }
    }

    fn container(&mut self, span: Span, container: Container) -> Result<(Container, usize), Refused> {
        Ok(match container {
            Container::Group(group) => {
                let (at, Group(inner)) = group.take();
                let (inner, terms) = self.expr(inner)?;
                (Container::Group(Box::new(Node::new(at, Group(inner)))), terms)
            }
            Container::Block(block) => (Container::Block(self.block(block)?), MAX_TERMS),
            Container::Array(array) => {
                let (at, array) = array.take();
                let mut sum = 0;
                let items = array.into_iter().map(|item| self.term(item, &mut sum)).collect::<Result<Array, _>>()?;
                (Container::Array(Node::new(at, items)), few(span, sum)?)
            }
            Container::Object(object) => {
                let (at, object) = object.take();
                let mut sum = 0;
                let items = object.into_iter().map(|(name, item)| Ok((name, self.term(item, &mut sum)?))).collect::<Result<Object, _>>()?;
                (Container::Object(Node::new(at, items)), few(span, sum)?)
            }
        })
    }

    fn term(&mut self, item: Node<Expr>, sum: &mut usize) -> Result<Node<Expr>, Refused> {
        let (item, terms) = self.expr(item)?;
        *sum += terms;
        Ok(item)
    }

    fn block(&mut self, block: Node<Block>) -> Result<Node<Block>, Refused> {
        if self.blocks == MAX_BLOCKS {
            return refuse(block.span(), format!("blocks are nested more than {MAX_BLOCKS} deep"));
        }
        self.blocks += 1;
        let guarded = self.exprs(block);
        self.blocks -= 1;
        guarded
    }

    fn exprs(&mut self, block: Node<Block>) -> Result<Node<Block>, Refused> {
        let (span, Block(exprs)) = block.take();
        let exprs = exprs.into_iter().map(|expr| self.expr(expr).map(|(expr, _)| expr)).collect::<Result<Vec<_>, _>>()?;
        Ok(Node::new(span, Block(exprs)))
    }

    /// What follows `else`. A further condition, `else if`, lies no deeper than the first.
    fn otherwise(&mut self, block: Node<Block>) -> Result<Node<Block>, Refused> {
        let goes_on = matches!(&block.inner().0[..], [only] if matches!(only.inner(), Expr::IfStatement(_)));
        if goes_on { self.exprs(block) } else { self.block(block) }
    }

    fn predicate(&mut self, predicate: Node<Predicate>) -> Result<Node<Predicate>, Refused> {
        let (span, predicate) = predicate.take();
        let predicate = match predicate {
            Predicate::One(expr) => Predicate::One(Box::new(self.expr(*expr)?.0)),
            Predicate::Many(exprs) => Predicate::Many(exprs.into_iter().map(|expr| self.expr(expr).map(|(expr, _)| expr)).collect::<Result<_, _>>()?),
        };
        Ok(Node::new(span, predicate))
    }

    fn op(&mut self, span: Span, op: Node<Op>) -> Guarded {
        let (at, Op(left, opcode, right)) = op.take();
        let ((left, l), (right, r)) = (self.expr(*left)?, self.expr(*right)?);
        let (left, right, terms) = match opcode.inner() {
            Opcode::Mul => (only_number(left), only_number(right), 0),
            Opcode::Add | Opcode::Merge => (left, right, few(span, l + r)?),
            _ => (left, right, l.max(r)),
        };
        Ok((Node::new(span, Expr::Op(Node::new(at, Op(Box::new(left), opcode, Box::new(right))))), terms))
    }

    fn assignment(&mut self, span: Span, assignment: Assignment) -> Result<(Assignment, usize), Refused> {
        Ok(match assignment {
            Assignment::Single { target, op, expr } => {
                check_target(span, target.inner())?;
                let (expr, terms) = self.expr(*expr)?;
                (Assignment::Single { target, op, expr: Box::new(expr) }, terms)
            }
            Assignment::Infallible { ok, err, op, expr } => {
                check_target(span, ok.inner())?;
                check_target(span, err.inner())?;
                let (expr, terms) = self.expr(*expr)?;
                (Assignment::Infallible { ok, err, op, expr: Box::new(expr) }, terms)
            }
        })
    }

    fn query(&mut self, span: Span, query: Node<Query>) -> Guarded {
        let (at, Query { target, path }) = query.take();
        let (target_at, target) = target.take();
        let (target, measured) = match target {
            QueryTarget::Internal(name) => (QueryTarget::Internal(name), true),
            QueryTarget::External(prefix) => (QueryTarget::External(prefix), true),
            QueryTarget::FunctionCall(call) => (QueryTarget::FunctionCall(self.call(span, call)?), false),
            QueryTarget::Container(container) => (QueryTarget::Container(self.container(span, container)?.0), false),
        };
        let query = Expr::Query(Node::new(at, Query { target: Node::new(target_at, target), path }));
        let query = if measured { call_of(MEASURED, span, Node::new(span, query)) } else { query };
        Ok((Node::new(span, query), 1))
    }

    fn call(&mut self, span: Span, call: FunctionCall) -> Result<FunctionCall, Refused> {
        let FunctionCall { ident, abort_on_error, arguments, closure } = call;
        if let Some((name, keyword, position)) = REPEATING.iter().find(|(name, ..)| **ident.inner() == **name) {
            let named = |argument: &Node<FunctionArgument>| argument.inner().ident.as_ref().map(|ident| ident.inner().to_string());
            if !arguments.is_sorted_by_key(|argument| argument.inner().ident.is_some()) {
                return refuse(span, format!("{name}: arguments without a name come first"));
            }
            let at = arguments.iter().position(|argument| named(argument).as_deref() == Some(keyword)).unwrap_or(*position);
            let given = arguments.get(at).filter(|argument| named(argument).is_none_or(|name| name == *keyword));
            if let Some(argument) = given.filter(|argument| !is_short_constant(argument.inner().expr.inner())) {
                return refuse(argument.span(), format!("the {keyword:?} of {name} must be a constant text of at most {MAX_REPEATED} bytes"));
            }
        }
        let of_path = OF_PATHS.contains(&&**ident.inner());
        let arguments = arguments.into_iter().map(|argument| {
            let (at, FunctionArgument { ident, expr }) = argument.take();
            let expr = if of_path && matches!(expr.inner(), Expr::Query(_) | Expr::Variable(_)) { expr } else { self.expr(expr)?.0 };
            Ok(Node::new(at, FunctionArgument { ident, expr }))
        });
        let arguments = arguments.collect::<Result<Vec<_>, Refused>>()?;
        let closure = closure.map(|node| {
            let (at, FunctionClosure { variables, block }) = node.take();
            Ok(Node::new(at, FunctionClosure { variables, block: self.block(block)? }))
        });
        Ok(FunctionCall { ident, abort_on_error, arguments, closure: closure.transpose()? })
    }
}

fn few(span: Span, terms: usize) -> Result<usize, Refused> {
    if terms > MAX_TERMS {
        return refuse(span, format!("one expression puts more than {MAX_TERMS} values together: do it in steps"));
    }
    Ok(terms)
}

fn call_of(name: &str, span: Span, expr: Node<Expr>) -> Expr {
    let argument = Node::new(span, FunctionArgument { ident: None, expr });
    let call = FunctionCall { ident: Node::new(span, Ident::new(name)), abort_on_error: false, arguments: vec![argument], closure: None };
    Expr::FunctionCall(Node::new(span, call))
}

fn only_number(node: Node<Expr>) -> Node<Expr> {
    match node.inner() {
        Expr::Literal(_) => node,
        _ => Node::new(node.span(), call_of(NUMBER, node.span(), node)),
    }
}

fn is_short_constant(expr: &Expr) -> bool {
    let Expr::Literal(literal) = expr else { return false };
    match literal.inner() {
        Literal::String(template) => template.0.is_empty() || template.as_literal_string().is_some_and(|text| text.len() <= MAX_REPEATED),
        Literal::RawString(text) => text.len() <= MAX_REPEATED,
        _ => false,
    }
}

fn check_target(span: Span, target: &AssignmentTarget) -> Result<(), Refused> {
    match target {
        AssignmentTarget::Noop | AssignmentTarget::Internal(_, None) | AssignmentTarget::External(None) => Ok(()),
        AssignmentTarget::Query(query) => check_path(span, query.path.inner()),
        AssignmentTarget::Internal(_, Some(path)) => check_path(span, path),
        AssignmentTarget::External(Some(path)) => check_path(span, &path.path),
    }
}

fn check_path(span: Span, path: &OwnedValuePath) -> Result<(), Refused> {
    let too_high = path.segments.iter().any(|segment| matches!(segment, OwnedSegment::Index(index) if index.abs() > MAX_INDEX));
    if too_high || path.segments.len() > MAX_BLOCKS {
        return refuse(span, format!("a path has at most {MAX_BLOCKS} steps and indices of at most {MAX_INDEX}"));
    }
    Ok(())
}
