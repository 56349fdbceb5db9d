//! The `traceparent` header of W3C Trace Context: which trace a call belongs to.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// A trace and the span in it that makes the call, as the header `traceparent` of W3C Trace Context has them.
///
/// ```
/// use swpanel::TraceParent;
///
/// let trace: TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
/// assert!(trace.is_sampled());
/// assert!("00-00000000000000000000000000000000-b7ad6b7169203331-01".parse::<TraceParent>().is_err());
/// # Ok::<(), swpanel::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
}

/// Length of version 00, which later versions begin with too.
const LENGTH: usize = 55;

impl TraceParent {
    /// Of the two ids and whether the trace is recorded.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`]: an id is zero, which stands for "none".
    pub fn new(trace_id: u128, parent_id: u64, sampled: bool) -> Result<Self, Error> {
        if trace_id == 0 || parent_id == 0 {
            return Err(invalid("an id of zeros"));
        }
        Ok(Self { trace_id, parent_id, flags: u8::from(sampled) })
    }

    /// The id of the trace.
    pub fn trace_id(&self) -> u128 {
        self.trace_id
    }

    /// The id of the span that makes the call.
    pub fn parent_id(&self) -> u64 {
        self.parent_id
    }

    /// Whether the caller may have recorded the trace.
    pub fn is_sampled(&self) -> bool {
        self.flags & 1 == 1
    }
}

impl FromStr for TraceParent {
    type Err = Error;

    /// Reads the value of a header. Of a version later than 00 the fields of version 00 are taken, as the standard asks.
    fn from_str(text: &str) -> Result<Self, Error> {
        let mut parts = text.split('-');
        let mut field = |length: usize, what: &'static str| {
            let part = parts.next().filter(|part| part.len() == length && part.bytes().all(is_hex));
            part.ok_or_else(|| invalid(what))
        };
        let version = field(2, "no version of two hexadecimal digits")?;
        let trace_id = field(32, "no trace id of 32 lower-case hexadecimal digits")?;
        let parent_id = field(16, "no parent id of 16 lower-case hexadecimal digits")?;
        let flags = field(2, "no flags of two hexadecimal digits")?;
        match version {
            "ff" => return Err(invalid("the version ff, which is not allowed")),
            "00" if text.len() != LENGTH => return Err(invalid("more than version 00 has")),
            _ => {}
        }
        let wrong = |_| invalid("a field that is not hexadecimal");
        let flags = u8::from_str_radix(flags, 16).map_err(wrong)?;
        let sampled = flags & 1 == 1;
        let known = Self::new(
            u128::from_str_radix(trace_id, 16).map_err(wrong)?,
            u64::from_str_radix(parent_id, 16).map_err(wrong)?,
            sampled,
        )?;
        // What later versions say in their flags is not known; version 00 is written, so only its flag is.
        Ok(if version == "00" { Self { flags, ..known } } else { known })
    }
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn invalid(what: &str) -> Error {
    let detail = format!("the traceparent has {what}; it looks like 00-TRACE_ID-PARENT_ID-01");
    Error::new(ErrorKind::InvalidArgument, detail)
}

/// The value of the header.
impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, self.flags)
    }
}

impl fmt::Debug for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceParent({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_standard_allows_is_read() {
        let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        for (text, written) in [
            (format!("00-{trace}-{parent}-01"), format!("00-{trace}-{parent}-01")),
            (format!("00-{trace}-{parent}-00"), format!("00-{trace}-{parent}-00")),
            (format!("00-{trace}-{parent}-03"), format!("00-{trace}-{parent}-03")),
            (format!("cc-{trace}-{parent}-ff"), format!("00-{trace}-{parent}-01")),
            (format!("cc-{trace}-{parent}-00-more"), format!("00-{trace}-{parent}-00")),
        ] {
            assert_eq!(text.parse::<TraceParent>().unwrap().to_string(), written, "{text}");
        }
        for bad in [
            String::new(),
            "00".to_owned(),
            format!("ff-{trace}-{parent}-01"),
            format!("0-{trace}-{parent}-01"),
            format!("00-{}-{parent}-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("00-{}-{parent}-01", trace.to_uppercase()),
            format!("00-{trace}-{parent}-1"),
            format!("00-{trace}-{parent}-01-more"),
            format!("00-{trace}-{parent}-01-"),
            format!("00-{trace}-{parent}-01\r\nx: y"),
            format!(" 00-{trace}-{parent}-01"),
            format!("00-{trace}-{parent}"),
            format!("00-{trace}ñ-{parent}-01"),
            format!("00-+{}-{parent}-01", &trace[1..]),
        ] {
            let error = bad.parse::<TraceParent>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bad}");
        }
    }
}
