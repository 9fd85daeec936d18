//! Tables that the caller reads: given a page at a time, so that a long one takes no more memory than a short one.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Int64Array, StringViewArray, TimestampMicrosecondArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures_util::future::BoxFuture;
use futures_util::stream;

use crate::LakeError;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlKind {
    /// Text.
    Text,
    /// A 64-bit integer.
    Integer,
    /// Microseconds UTC.
    Time,
    /// True or false.
    Boolean,
}

/// Values of one column.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Of a column of text.
    Text(Vec<Option<String>>),
    /// Of a column of integers.
    Integer(Vec<Option<i64>>),
    /// Of a column of times, microseconds UTC.
    Time(Vec<Option<i64>>),
    /// Of a column of truths.
    Boolean(Vec<Option<bool>>),
}

/// Some rows of a table.
#[derive(Clone, Debug)]
pub struct SqlPage {
    /// The values of each column, in the table's order and all of one length.
    pub columns: Vec<Cells>,
    /// Where the next page begins; none at the end.
    pub next: Option<i64>,
}

/// Reads a table.
pub trait SqlPages: fmt::Debug + Send + Sync {
    /// The page that begins at a place: that of the page before, or the first one.
    ///
    /// # Errors
    /// What went wrong, for the log.
    fn page(&self, from: Option<i64>) -> BoxFuture<'_, std::result::Result<SqlPage, String>>;
}

/// A table of the caller.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Its name in statements, in lower case.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<(&'static str, SqlKind)>,
    /// What reads it.
    pub pages: Arc<dyn SqlPages>,
}

impl Outside {
    pub(super) fn provider(&self) -> Result<Arc<dyn TableProvider>> {
        let fields = self.columns.iter().map(|(name, kind)| Field::new(*name, kind.data_type(), true));
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let table = Table { schema: Arc::clone(&schema), pages: Arc::clone(&self.pages) };
        Ok(Arc::new(StreamingTable::try_new(schema, vec![Arc::new(table)])?))
    }
}

impl SqlKind {
    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Integer => DataType::Int64,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Boolean => DataType::Boolean,
        }
    }
}

impl Cells {
    fn array(self) -> ArrayRef {
        match self {
            Self::Text(values) => Arc::new(values.into_iter().collect::<StringViewArray>()),
            Self::Integer(values) => Arc::new(values.into_iter().collect::<Int64Array>()),
            Self::Time(values) => Arc::new(values.into_iter().collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
            Self::Boolean(values) => Arc::new(values.into_iter().collect::<BooleanArray>()),
        }
    }
}

#[derive(Debug)]
struct Table {
    schema: SchemaRef,
    pages: Arc<dyn SqlPages>,
}

impl PartitionStream for Table {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (schema, pages) = (Arc::clone(&self.schema), Arc::clone(&self.pages));
        let batches = stream::try_unfold(Some(None), move |from: Option<Option<i64>>| {
            let (schema, pages) = (Arc::clone(&schema), Arc::clone(&pages));
            async move {
                let Some(from) = from else { return Ok(None) };
                let page = pages.page(from).await.map_err(|error| DataFusionError::External(Box::new(LakeError::Engine(error))))?;
                let batch = RecordBatch::try_new(schema, page.columns.into_iter().map(Cells::array).collect())?;
                Ok(Some((batch, page.next.map(Some))))
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}
