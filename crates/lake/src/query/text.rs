//! What is done to a query before the grammar sees it: backslashes in quotes are kept, nesting is bounded, and a mixture that
//! the grammar would silently read otherwise than people do is refused.

use super::QueryError;

/// A query as it is given to the grammar.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) text: String,
    /// Positions in `text` of the backslashes that were put in.
    inserted: Vec<usize>,
}

impl Prepared {
    /// The position in what was typed.
    pub(super) fn original(&self, position: usize) -> usize {
        position - self.inserted.iter().take_while(|inserted| **inserted < position).count()
    }
}

/// One level of parentheses, as far as it was read.
#[derive(Default)]
struct Level {
    /// The word being read, outside quotes and brackets; other parts of an operand are put in as one character.
    word: String,
    last: Last,
    joined: Option<Join>,
    and: bool,
    beside: bool,
    or_chains: usize,
    nots: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    Operand,
    /// An operand that needs what follows: `field:` or `>=`.
    Open,
    Operator,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    And,
    Or,
    Beside,
}

/// Checks and prepares a query.
pub(super) fn prepare(query: &str, max_depth: usize) -> Result<Prepared, QueryError> {
    let mut scanner = Scanner { out: String::with_capacity(query.len() + 16), inserted: Vec::new(), levels: vec![Level::default()] };
    let mut chars = query.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' | '\'' if scanner.can_quote() => scanner.quote(c, &mut chars),
            '[' | '{' => scanner.bracket(c, &mut chars),
            '\\' => {
                scanner.put(c);
                chars.next().into_iter().for_each(|(_, escaped)| scanner.put(escaped));
            }
            '(' => scanner.open(at, max_depth)?,
            ')' => scanner.close(at)?,
            _ if c.is_whitespace() => scanner.space(c, at)?,
            _ => scanner.put(c),
        }
        if scanner.depth() > max_depth {
            return Err(too_deep(max_depth));
        }
    }
    scanner.finish(query.len())
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

struct Scanner {
    out: String,
    inserted: Vec<usize>,
    levels: Vec<Level>,
}

impl Scanner {
    fn put(&mut self, c: char) {
        self.out.push(c);
        self.level().word.push(c);
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn depth(&self) -> usize {
        self.levels.len() - 1 + self.levels.iter().map(|level| level.nots).sum::<usize>()
    }

    fn can_quote(&mut self) -> bool {
        self.level().word.ends_with([':', '+', '-', '\u{1}']) || self.level().word.is_empty()
    }

    fn quote(&mut self, quote: char, chars: &mut Chars<'_>) {
        self.put(quote);
        while let Some((_, c)) = chars.next() {
            self.out.push(c);
            if c == quote {
                return;
            }
            if c == '\\' {
                match chars.next_if(|(_, next)| matches!(next, '"' | '\'' | '\\')) {
                    Some((_, escaped)) => self.out.push(escaped),
                    None => {
                        self.inserted.push(self.out.len());
                        self.out.push('\\');
                    }
                }
            }
        }
    }

    fn bracket(&mut self, open: char, chars: &mut Chars<'_>) {
        self.put(open);
        while let Some((_, c)) = chars.next_if(|(_, c)| !matches!(c, '(' | ')')) {
            match c {
                '"' | '\'' => self.quote(c, chars),
                _ => self.out.push(c),
            }
            if matches!(c, ']' | '}') {
                return;
            }
        }
    }

    fn open(&mut self, at: usize, max_depth: usize) -> Result<(), QueryError> {
        if self.levels.len() > max_depth {
            return Err(too_deep(max_depth));
        }
        if matches!(self.level().word.as_str(), "AND" | "OR" | "NOT") {
            let message = format!("a space is missing after {}", self.level().word);
            return Err(QueryError::Syntax { position: at, message });
        }
        self.out.push('(');
        self.levels.push(Level::default());
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), QueryError> {
        self.level().end_word(at)?;
        if self.levels.len() == 1 {
            return Err(QueryError::Syntax { position: at, message: "a parenthesis is closed that was not opened".into() });
        }
        self.levels.pop();
        self.out.push(')');
        self.level().word.push('\u{2}');
        Ok(())
    }

    fn space(&mut self, c: char, at: usize) -> Result<(), QueryError> {
        // The grammar knows its operators by the blank behind them.
        self.out.push(if c.is_ascii() { c } else { ' ' });
        for _ in 1..c.len_utf8() {
            self.out.push(' ');
        }
        self.level().end_word(at)
    }

    fn finish(mut self, at: usize) -> Result<Prepared, QueryError> {
        self.level().end_word(at)?;
        if self.levels.len() > 1 {
            return Err(QueryError::Syntax { position: at, message: "a parenthesis is not closed".into() });
        }
        Ok(Prepared { text: self.out, inserted: self.inserted })
    }
}

impl Level {
    /// Takes in the word that has just ended.
    fn end_word(&mut self, at: usize) -> Result<(), QueryError> {
        let word = std::mem::take(&mut self.word);
        match word.as_str() {
            "" => return Ok(()),
            "AND" => self.operator(Join::And),
            "OR" => self.operator(Join::Or),
            "NOT" => {
                self.beside_operand(&word);
                self.nots += 1;
                self.last = Last::Operator;
            }
            _ => {
                self.beside_operand(&word);
                self.nots = 0;
                let open = word.ends_with([':', '>', '<', '=']) || word == "IN";
                self.last = if open { Last::Open } else { Last::Operand };
            }
        }
        if self.beside && (self.or_chains > 1 || (self.and && self.or_chains > 0)) {
            let message = "side by side, AND and OR are mixed: put parentheses around what belongs together".into();
            return Err(QueryError::Syntax { position: at.saturating_sub(word.len()), message });
        }
        Ok(())
    }

    fn operator(&mut self, join: Join) {
        self.and |= join == Join::And;
        if join == Join::Or && !matches!(self.joined, Some(Join::Or)) {
            self.or_chains += usize::from(self.joined != Some(Join::And) || self.or_chains == 0);
        }
        self.joined = Some(join);
        self.last = Last::Operator;
    }

    fn beside_operand(&mut self, word: &str) {
        if self.last == Last::Operand && !word.starts_with(':') && word != "IN" {
            self.beside = true;
            self.joined = Some(Join::Beside);
        }
    }
}

fn too_deep(max_depth: usize) -> QueryError {
    QueryError::TooLarge(format!("is nested deeper than {max_depth} levels"))
}
