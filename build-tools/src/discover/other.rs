//! Bytes that are no OpenAPI to the other description language they are in.

use crate::document::Node;

/// The language of a well-formed tree.
pub(super) fn of_tree(root: &Node) -> Option<&'static str> {
    let schema = root.pointer("/info/schema").and_then(Node::as_str).unwrap_or_default();
    if schema.contains("getpostman.com") || root.pointer("/info/_postman_id").is_some() {
        return Some("a Postman collection");
    }
    if root.pointer("/data/__schema").is_some() || root.get("__schema").is_some() {
        return Some("a GraphQL introspection");
    }
    let entry = root.as_array().and_then(<[Node]>::first).or_else(|| root.pointer("/api/0"));
    if entry.is_some_and(|entry| ["type", "url", "title", "group"].iter().all(|member| entry.get(member).is_some())) {
        return Some("apiDoc data");
    }
    None
}

/// The language of a text.
pub(super) fn of_text(text: &str) -> Option<&'static str> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with("#%RAML") {
        return Some("RAML");
    }
    let head: String = start.chars().take(2000).collect();
    if head.starts_with('<') && head.contains("http://wadl.dev.java.net") {
        return Some("WADL");
    }
    if start.starts_with("define(") && head.contains("\"api\"") {
        return Some("apiDoc data");
    }
    let graphql = ["type Query", "schema {", "extend type ", "directive @"];
    if !start.starts_with(['<', '{', '[']) && head.lines().any(|line| graphql.iter().any(|word| line.starts_with(word)))
    {
        return Some("a GraphQL schema");
    }
    None
}
