//! Files that the client's `record` writes: one exchange each, with `request` and `response`. The values in them are read
//! and dropped.

use serde_json::Value;

use super::{Body, MAX_BODY, TrafficError, har};

/// An exchange that the client recorded.
pub(super) struct Exchange {
    pub(super) method: String,
    /// The path below the address of the API.
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) body: Body,
    /// The body of the request.
    pub(super) sent: Option<Value>,
    /// Other texts of the request.
    pub(super) data: Vec<String>,
    /// Whether the emulator answered.
    pub(super) emulator: bool,
}

/// Reads one file of a recording.
pub(super) fn read(bytes: &[u8]) -> Result<Exchange, TrafficError> {
    let mut tree: Value = serde_json::from_slice(bytes).map_err(har::rejected)?;
    let text = |pointer: &str| tree.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let status = tree.pointer("/response/status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let (Some(method), Some(path), Some(status)) = (text("/request/method"), text("/request/path"), status) else {
        return Err(TrafficError::NotRecording);
    };
    let query = text("/request/query").unwrap_or_default();
    let emulator = tree.pointer("/response/headers/x-swpanel-emulator-basis").is_some();
    let body = match (tree.pointer("/response/json"), text("/response/text")) {
        (Some(json), _) => json.to_string().into_bytes(),
        (None, other) => other.unwrap_or_default().into_bytes(),
    };
    let body = if body.len() > MAX_BODY { Body::Unreadable } else { Body::Bytes(body) };
    let sent = tree.pointer_mut("/request/body").map(Value::take);
    Ok(Exchange { method, path, status, body, sent, data: vec![query], emulator })
}
