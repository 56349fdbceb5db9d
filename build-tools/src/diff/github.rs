//! A report to annotations that GitHub shows beside the lines of a pull request.

use super::render::{change, on_line, subject};
use super::{Report, Verdict};
use crate::safe_text::{annotation, annotation_property};

/// One workflow command for each finding that may break; `file` is the new document's path in the repository.
pub fn github(report: &Report, file: Option<&str>) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let level = match finding.consumer_verdict {
            Verdict::Breaking => "error",
            Verdict::Warning => "warning",
            Verdict::Compatible => "notice",
            Verdict::Documentation | Verdict::None => continue,
        };
        let mut properties: Vec<String> =
            file.map(|file| format!("file={}", annotation_property(file))).into_iter().collect();
        // Lines are those of the new document; what is gone has none there.
        if let Some(place) = finding.new.as_ref().filter(|place| file.is_some() && place.line > 0) {
            properties.push(format!("line={}", place.line));
            properties.push(format!("col={}", place.column));
        }
        properties.push(format!("title={}", annotation_property(finding.rule)));
        let change = change(finding, on_line);
        let change = if change.is_empty() { change } else { format!(" {change};") };
        let text = format!("{}:{change} {} [{}]", subject(finding, on_line), finding.reason, finding.fingerprint);
        out.push_str(&format!("::{level} {}::{}\n", properties.join(","), annotation(&text)));
    }
    out
}
