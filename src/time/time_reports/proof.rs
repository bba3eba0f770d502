//! What a signed report proves of itself: its hash is that of its entries, and its signatures cover that hash.

use std::collections::HashMap;

use super::{TimeReportRow, content};
use crate::identity::signatures;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Rx;
use crate::time::time_entries::unscoped_of_reports;

/// The reports of these that do not prove it, each with its fault.
pub fn unproven(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<(Id, &'static str)>, Problem> {
    let mut reports = TimeReportRow::these(rx, ids)?;
    reports.retain(|report| report.content_sha256.is_some());
    let entries = unscoped_of_reports(rx.db, reports.iter().map(|report| report.id).collect())?;
    let mut found = Vec::new();
    let mut contents = HashMap::new();
    for report in &reports {
        let Some(kept) = report.content_sha256.as_deref() else { continue };
        contents.insert(report.id, kept);
        let entries = entries.get(&report.id).map_or(&[][..], Vec::as_slice);
        if content::sha256(report, entries)? != kept {
            found.push((report.id, "content"));
        }
    }
    found.extend(signatures::unproven(rx, &contents)?.into_iter().map(|id| (id, "signature")));
    Ok(found)
}
