//! Codes of errors. One is the vendor's; all others are **ours**, and begin with `#EMULATOR-` so that nobody takes
//! them for SWPanel's. Which statuses SWPanel uses is not known either: only 401 was ever seen.

/// A code, the status it comes with, and what it says.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The text of the member `Error code`.
    pub code: &'static str,
    /// The HTTP status with `--errors-as 4xx`; with `--errors-as 200` it is 200.
    pub status: u16,
    /// What it means.
    pub meaning: &'static str,
    /// Whether the code was seen in the vendor's publications.
    pub observed: bool,
}

const fn ours(code: &'static str, status: u16, meaning: &'static str) -> Code {
    Code { code, status, meaning, observed: false }
}

/// The vendor's: an empty list, or a filter that leaves nothing.
pub(crate) const NO_RESULTS: Code =
    Code { code: "#APIGENE25", status: 404, meaning: "a list has no entries", observed: true };
pub(crate) const UNKNOWN_PATH: Code = ours("#EMULATOR-UNKNOWN-PATH", 404, "the document has no such path");
pub(crate) const SPELLING: Code =
    ours("#EMULATOR-PATH-SPELLING", 404, "with strict paths: slashes are not where the document has them");
pub(crate) const METHOD: Code = ours("#EMULATOR-METHOD", 405, "the path has no such method");
pub(crate) const INTEGRATOR: Code = ours("#EMULATOR-INTEGRATOR-MODE", 403, "Integrator mode of the account is off");
pub(crate) const FORBIDDEN: Code = ours("#EMULATOR-FORBIDDEN", 403, "the token's scope does not reach this far");
pub(crate) const NOT_JSON: Code = ours("#EMULATOR-NOT-JSON", 400, "the body is no JSON");
pub(crate) const MEDIA_TYPE: Code = ours("#EMULATOR-MEDIA-TYPE", 415, "the body is not sent as application/json");
pub(crate) const TOO_LARGE: Code = ours("#EMULATOR-TOO-LARGE", 413, "the body is larger than 1 MiB");
pub(crate) const BROKEN_OFF: Code = ours("#EMULATOR-BROKEN-OFF", 400, "the body ended before its announced length");
pub(crate) const TOO_COSTLY: Code =
    ours("#EMULATOR-TOO-COSTLY", 422, "checking the request against the document would take too long");
pub(crate) const INVALID: Code =
    ours("#EMULATOR-INVALID", 422, "body or parameters break the document; `violations` lists each");
pub(crate) const NOT_FOUND: Code = ours("#EMULATOR-NOT-FOUND", 404, "there is no item with this key");
pub(crate) const EXISTS: Code = ours("#EMULATOR-EXISTS", 409, "an item with this key is there already");
pub(crate) const CONFLICT: Code =
    ours("#EMULATOR-CONFLICT", 409, "a CNAME record cannot share its name with another record");
pub(crate) const KIND: Code = ours("#EMULATOR-WRONG-KIND", 409, "the service is of a kind that cannot do this");
pub(crate) const REFERENCE: Code =
    ours("#EMULATOR-UNKNOWN-REFERENCE", 422, "the body names another item that is not there");
pub(crate) const STATE: Code = ours("#EMULATOR-STATE", 409, "the item is in a state that does not allow this");
pub(crate) const RATE: Code = ours("#EMULATOR-RATE", 429, "a fault rule plays a limit of calls");
pub(crate) const FAULT: Code = ours("#EMULATOR-FAULT", 500, "a fault rule plays an error");

/// Every code that an answer may carry.
pub const CODES: &[Code] = &[
    NO_RESULTS,
    UNKNOWN_PATH,
    SPELLING,
    METHOD,
    INTEGRATOR,
    FORBIDDEN,
    NOT_JSON,
    MEDIA_TYPE,
    TOO_LARGE,
    BROKEN_OFF,
    TOO_COSTLY,
    INVALID,
    NOT_FOUND,
    EXISTS,
    CONFLICT,
    KIND,
    REFERENCE,
    STATE,
    RATE,
    FAULT,
];
