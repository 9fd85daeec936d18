//! What a parser makes of an event, by its table or by its program, before it is checked and becomes a record.

use std::borrow::Cow;

use crate::fields::Fields;
use crate::record::{LogSource, ReasonCode};
use crate::value::Value;

/// Nothing in it is checked; the dictionary fields have their types and are not in order yet.
#[derive(Debug, Default)]
pub(crate) struct Draft<'a> {
    pub(crate) vendor: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) event_code: Option<String>,
    pub(crate) record_type: Option<Cow<'a, str>>,
    pub(crate) time: Option<Cow<'a, str>>,
    pub(crate) message: Option<Cow<'a, str>>,
    pub(crate) logsource: LogSource,
    /// The parser understood the event and says that it cannot be a record.
    pub(crate) failed: Option<(ReasonCode, String)>,
    pub(crate) ecs: Fields,
    /// Further fields of the event.
    pub(crate) added: Vec<(Box<str>, Value)>,
}

/// The outputs a parser has beside `%ecs`, `%fields` and `%failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Vendor,
    Product,
    EventCode,
    RecordType,
    Time,
    Message,
    LogsourceProduct,
    LogsourceCategory,
    LogsourceService,
}

impl Part {
    /// The output of this name, as programs and tables write it after the `%`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "vendor" => Self::Vendor,
            "product" => Self::Product,
            "event_code" => Self::EventCode,
            "record_type" => Self::RecordType,
            "time" => Self::Time,
            "message" => Self::Message,
            "logsource.product" => Self::LogsourceProduct,
            "logsource.category" => Self::LogsourceCategory,
            "logsource.service" => Self::LogsourceService,
            _ => return None,
        })
    }
}

impl<'a> Draft<'a> {
    /// An empty draft with room for what most events fill.
    pub(crate) fn new() -> Self {
        Self { ecs: Fields::with_capacity(28, 640), ..Self::default() }
    }

    /// Sets one output; the empty text is none.
    pub(crate) fn set(&mut self, part: Part, text: Option<Cow<'a, str>>) {
        let text = text.filter(|text| !text.is_empty());
        let owned = |text: Option<Cow<'a, str>>| text.map(Cow::into_owned);
        match part {
            Part::Vendor => self.vendor = owned(text),
            Part::Product => self.product = owned(text),
            Part::EventCode => self.event_code = owned(text),
            Part::RecordType => self.record_type = text,
            Part::Time => self.time = text,
            Part::Message => self.message = text,
            Part::LogsourceProduct => self.logsource.product = owned(text),
            Part::LogsourceCategory => self.logsource.category = owned(text),
            Part::LogsourceService => self.logsource.service = owned(text),
        }
    }
}
