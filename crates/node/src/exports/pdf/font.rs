//! The fonts of exported documents: DejaVu Sans, which has most alphabets and symbols. What it has no shape for is shown as a replacement
//! character, never left out. Only shapes that are used go into a file.

use pdf_writer::{
    Filter, Finish, Name, Pdf, Rect, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;

const REPLACEMENT: char = '\u{fffd}';
const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// One font and what was used of it.
pub(super) struct Face {
    name: &'static str,
    data: &'static [u8],
    face: ttf_parser::Face<'static>,
    used: GlyphRemapper,
    texts: BTreeMap<u16, char>,
}

impl Face {
    /// The usual one.
    pub(super) fn regular() -> Result<Self, String> {
        Self::of("DejaVuSans", include_bytes!("../../../fonts/DejaVuSans.ttf"))
    }

    /// For headings.
    pub(super) fn bold() -> Result<Self, String> {
        Self::of("DejaVuSans-Bold", include_bytes!("../../../fonts/DejaVuSans-Bold.ttf"))
    }

    fn of(name: &'static str, data: &'static [u8]) -> Result<Self, String> {
        let face = ttf_parser::Face::parse(data, 0).map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { name, data, face, used: GlyphRemapper::new(), texts: BTreeMap::new() })
    }

    fn glyph(&self, c: char) -> u16 {
        let found = self.face.glyph_index(c).or_else(|| self.face.glyph_index(REPLACEMENT));
        found.map_or(0, |glyph| glyph.0)
    }

    fn advance(&self, glyph: u16) -> f32 {
        let units = f32::from(self.face.units_per_em());
        f32::from(self.face.glyph_hor_advance(ttf_parser::GlyphId(glyph)).unwrap_or_default()) * 1000.0 / units
    }

    /// A number of the font in thousandths of its size.
    fn scaled(&self, units: i16) -> f32 {
        f32::from(units) * 1000.0 / f32::from(self.face.units_per_em())
    }

    fn embed(&self, pdf: &mut Pdf, id: Ref, next: &mut impl FnMut() -> Ref) -> Result<(), String> {
        let (cid, descriptor, file, cmap) = (next(), next(), next(), next());
        let subset = subsetter::subset(self.data, 0, &self.used).map_err(|error| format!("{}: {error}", self.name))?;
        let name = format!("CASEXP+{}", self.name);
        pdf.type0_font(id).base_font(Name(name.as_bytes())).encoding_predefined(Name(b"Identity-H")).descendant_font(cid).to_unicode(cmap);
        let mut font = pdf.cid_font(cid);
        font.subtype(CidFontType::Type2).base_font(Name(name.as_bytes())).system_info(SYSTEM).font_descriptor(descriptor);
        font.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        font.widths().consecutive(0, self.used.remapped_gids().map(|glyph| self.advance(glyph)));
        font.finish();
        let bounds = self.face.global_bounding_box();
        let bbox = Rect::new(self.scaled(bounds.x_min), self.scaled(bounds.y_min), self.scaled(bounds.x_max), self.scaled(bounds.y_max));
        let mut about = pdf.font_descriptor(descriptor);
        about.name(Name(name.as_bytes())).flags(FontFlags::NON_SYMBOLIC).bbox(bbox).italic_angle(0.0);
        about.ascent(self.scaled(self.face.ascender())).descent(self.scaled(self.face.descender()));
        about.cap_height(self.scaled(self.face.capital_height().unwrap_or_else(|| self.face.ascender()))).stem_v(80.0).font_file2(file);
        about.finish();
        pdf.stream(file, &super::page::deflate(&subset)?).filter(Filter::FlateDecode);
        let mut texts = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
        for (glyph, c) in &self.texts {
            texts.pair(*glyph, *c);
        }
        pdf.stream(cmap, &super::page::deflate(&texts.finish())?).filter(Filter::FlateDecode);
        Ok(())
    }
}

/// Both fonts.
pub(super) struct Fonts {
    regular: Face,
    bold: Face,
}

impl Fonts {
    pub(super) fn new(regular: Face, bold: Face) -> Self {
        Self { regular, bold }
    }

    fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// How wide a character is at a size, in points.
    pub(super) fn width(&self, weight: Weight, size: f32, c: char) -> f32 {
        let face = self.face(weight);
        face.advance(face.glyph(c)) * size / 1000.0
    }

    /// A text as the file has it: two bytes a character. What is shown is remembered, to be put into the file.
    pub(super) fn encode(&mut self, weight: Weight, text: &str) -> Vec<u8> {
        let face = match weight {
            Weight::Regular => &mut self.regular,
            Weight::Bold => &mut self.bold,
        };
        let mut bytes = Vec::with_capacity(text.len() * 2);
        for c in text.chars() {
            let glyph = face.glyph(c);
            let place = face.used.remap(glyph);
            let shown = if face.face.glyph_index(c).is_some() { c } else { REPLACEMENT };
            face.texts.entry(place).or_insert(shown);
            bytes.extend_from_slice(&place.to_be_bytes());
        }
        bytes
    }

    /// Writes what was used of both into the file.
    pub(super) fn embed(&self, pdf: &mut Pdf, ids: [Ref; 2], next: &mut impl FnMut() -> Ref) -> Result<(), String> {
        self.regular.embed(pdf, ids[0], next)?;
        self.bold.embed(pdf, ids[1], next)
    }
}
