//! What a media type says of the bytes.

/// Media types whose bytes are many JSON texts, one after the other.
const STREAMS: [&str; 11] = [
    "ndjson",
    "x-ndjson",
    "jsonl",
    "x-jsonl",
    "jsonlines",
    "x-jsonlines",
    "json-seq",
    "geo+json-seq",
    "stream+json",
    "x-json-stream",
    "json-lines",
];

/// Whether bytes of a media type are one JSON value: `application/json` and its kin, and no stream of values.
pub fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = essence.split_once('/').map_or(essence.as_str(), |(_, kind)| kind);
    let streams = STREAMS.contains(&kind) || kind.ends_with("+json-seq") || kind.ends_with("+ndjson");
    kind.contains("json") && !streams
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn a_stream_of_values_is_not_one_value() {
        for media in [
            "application/json",
            "application/json; charset=utf-8",
            "application/hal+json",
            "text/json",
            "application/vnd.a.v1+json",
        ] {
            assert!(is_json(media), "{media}");
        }
        for media in [
            "application/x-ndjson",
            "application/jsonl",
            "application/json-seq",
            "application/stream+json",
            "text/plain",
            "*/*",
            "",
        ] {
            assert!(!is_json(media), "{media}");
        }
    }
}
