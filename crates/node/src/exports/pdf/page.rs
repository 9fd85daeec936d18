//! Lines and pages: text is wrapped where words end, words that are wider than a line are broken, and every page says which it is.

use super::font::{Fonts, Weight};
use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use std::io::Write;

/// A4, in points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 50.0;
const FOOTER_SIZE: f32 = 7.5;
/// Height of a line over its size.
const LEADING: f32 = 1.35;
/// How a tabulator is shown.
const TAB: &str = "    ";

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) weight: Weight,
    /// Points.
    pub(super) size: f32,
    /// 0 is black.
    pub(super) grey: f32,
    /// Points from the margin.
    pub(super) indent: f32,
}

/// A line that is set.
struct Line {
    style: Style,
    text: String,
    before: f32,
}

/// Lines, to become pages.
#[derive(Default)]
pub(super) struct Layout {
    lines: Vec<Line>,
    space: f32,
}

impl Layout {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Leaves room before the next line.
    pub(super) fn space(&mut self, points: f32) {
        self.space += points;
    }

    /// Adds a text, in as many lines as it needs.
    pub(super) fn text(&mut self, fonts: &Fonts, style: Style, text: &str) {
        for paragraph in text.split('\n') {
            for line in wrap(fonts, style, paragraph) {
                self.lines.push(Line { style, text: line, before: std::mem::take(&mut self.space) });
            }
        }
    }

    /// Everything that was added, as plain text; for tests.
    #[cfg(test)]
    pub(super) fn plain(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// The file.
    pub(super) fn finish(self, fonts: &mut Fonts, title: &str, footer: &str) -> Result<Vec<u8>, String> {
        let pages = paginate(&self.lines);
        let mut last = 0;
        let mut next = || {
            last += 1;
            Ref::new(last)
        };
        let (catalog, tree, info) = (next(), next(), next());
        let font_ids = [next(), next()];
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("Bailiwick"));
        let mut kids = Vec::new();
        let count = pages.len();
        for (at, lines) in pages.into_iter().enumerate() {
            let (id, content) = (next(), next());
            kids.push(id);
            let drawn = draw(fonts, lines, &format!("Page {} of {count} · {footer}", at + 1));
            pdf.stream(content, &deflate(&drawn)?).filter(Filter::FlateDecode);
            let mut page = pdf.page(id);
            page.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(content);
            page.resources().fonts().pair(Name(b"R"), font_ids[0]).pair(Name(b"B"), font_ids[1]);
            page.finish();
        }
        pdf.pages(tree).count(i32::try_from(kids.len()).unwrap_or(i32::MAX)).kids(kids);
        fonts.embed(&mut pdf, font_ids, &mut next)?;
        Ok(pdf.finish())
    }
}

/// Packs bytes as streams of a file have them.
pub(super) fn deflate(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).map_err(|error| error.to_string())?;
    packed.finish().map_err(|error| error.to_string())
}

/// Lines of one paragraph; an empty paragraph is an empty line.
fn wrap(fonts: &Fonts, style: Style, paragraph: &str) -> Vec<String> {
    let room = WIDTH - 2.0 * MARGIN - style.indent;
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let text: String = paragraph.trim_end().replace('\t', TAB).chars().map(shown).collect();
    let width = |text: &str| text.chars().map(|c| fonts.width(style.weight, style.size, c)).sum::<f32>();
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0.0);
    for word in text.split_inclusive(' ') {
        let wide = width(word.trim_end());
        if used + wide > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        if wide <= room {
            line.push_str(word);
            used += width(word);
            continue;
        }
        for c in word.chars() {
            let wide = fonts.width(style.weight, style.size, c);
            if used + wide > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(c);
            used += wide;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Lines by page, each with its distance from the bottom. There is always a page.
fn paginate(lines: &[Line]) -> Vec<Vec<(&Line, f32)>> {
    let mut pages = vec![Vec::new()];
    let mut y = HEIGHT - MARGIN;
    for line in lines {
        let height = line.style.size * LEADING;
        let top = y == HEIGHT - MARGIN;
        y -= height + if top { 0.0 } else { line.before };
        if y < MARGIN + FOOTER_SIZE * 2.0 {
            pages.push(Vec::new());
            y = HEIGHT - MARGIN - height;
        }
        if let Some(page) = pages.last_mut() {
            page.push((line, y));
        }
    }
    pages
}

fn draw(fonts: &mut Fonts, lines: Vec<(&Line, f32)>, footer: &str) -> Vec<u8> {
    let mut content = Content::new();
    for (line, y) in lines {
        show(&mut content, fonts, line.style, &line.text, y);
    }
    let style = Style { weight: Weight::Regular, size: FOOTER_SIZE, grey: 0.4, indent: 0.0 };
    let one = wrap(fonts, style, footer).into_iter().next().unwrap_or_default();
    show(&mut content, fonts, style, &one, MARGIN - FOOTER_SIZE);
    content.finish().to_vec()
}

fn show(content: &mut Content, fonts: &mut Fonts, style: Style, text: &str, y: f32) {
    let font: &[u8] = if style.weight == Weight::Bold { b"B" } else { b"R" };
    let bytes = fonts.encode(style.weight, text.trim_end());
    content.begin_text().set_fill_gray(style.grey).set_font(Name(font), style.size);
    content.set_text_matrix([1.0, 0.0, 0.0, 1.0, MARGIN + style.indent, y]).show(Str(&bytes)).end_text();
}
