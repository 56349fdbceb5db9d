//! Rows and columns to CSV as RFC 4180 has it.

use super::columns::Grid;
use crate::failure::Failure;

pub(super) fn write(grid: &Grid) -> Result<String, Failure> {
    let failed = |error: String| Failure::other(format!("the answer cannot be written as CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    if !grid.columns.is_empty() {
        writer.write_record(&grid.columns).map_err(|error| failed(error.to_string()))?;
    }
    for row in &grid.rows {
        writer.write_record(row).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}
