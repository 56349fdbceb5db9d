//! What a zone is and what it shall be, to what has to be done; kept in a file that says on which state it rests.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::record::{Listed, Record};
use crate::failure::Failure;

/// What has to be done to a zone.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) service: String,
    pub(super) zone: String,
    /// SHA-256 of the state it rests on.
    pub(super) state: String,
    /// Records that are there.
    pub(super) present: usize,
    pub(super) create: Vec<Record>,
    /// Records to remove: id and what it is.
    pub(super) delete: Vec<(String, String)>,
}

/// The hash of a state: every record with its id, whatever the order they came in.
pub(super) fn hash(listed: &[Listed]) -> String {
    let mut lines: Vec<String> = listed.iter().map(|one| format!("{} {}\n", one.id, one.record)).collect();
    lines.sort();
    let digest = Sha256::digest(lines.concat().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Plan {
    pub(super) fn of(service: &str, zone: &str, listed: &[Listed], wanted: &[Record]) -> Self {
        let mut create = Vec::new();
        let mut kept: Vec<bool> = vec![false; listed.len()];
        for record in wanted {
            // One of each is enough; a second of the same is surplus.
            match listed.iter().zip(kept.iter_mut()).find(|(one, kept)| !**kept && one.record == *record) {
                Some((_, kept)) => *kept = true,
                None => create.push(record.clone()),
            }
        }
        let surplus = listed.iter().zip(&kept).filter(|(_, kept)| !**kept);
        let delete = surplus.map(|(one, _)| (one.id.clone(), one.record.to_string())).collect();
        Self {
            service: service.to_owned(),
            zone: zone.to_owned(),
            state: hash(listed),
            present: listed.len(),
            create,
            delete,
        }
    }

    /// How much of what is there would go, in per cent.
    pub(super) fn share(&self) -> usize {
        (self.delete.len() * 100).checked_div(self.present).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.create.is_empty() && self.delete.is_empty()
    }

    /// Lines for a person: what comes and what goes, by name.
    pub(super) fn to_text(&self) -> String {
        let mut lines: Vec<(String, String)> = Vec::new();
        for record in &self.create {
            lines.push((record.to_string(), format!("+ {record}  (type {} of the API)", record.word())));
        }
        lines.extend(self.delete.iter().map(|(id, what)| (what.clone(), format!("- {what}  (id {id})"))));
        lines.sort();
        let mut out: String = lines.into_iter().map(|(_, line)| format!("{line}\n")).collect();
        out.push_str(&format!(
            "{}: {} to create, {} of {} to delete, state {}\n",
            self.zone,
            self.create.len(),
            self.delete.len(),
            self.present,
            self.state.get(..12).unwrap_or_default()
        ));
        out
    }

    pub(super) fn to_json(&self) -> Value {
        let create: Vec<Value> = self
            .create
            .iter()
            .map(|record| json!({ "body": record.body(&self.zone), "what": record.to_string() }))
            .collect();
        let delete: Vec<Value> = self.delete.iter().map(|(id, what)| json!({ "id": id, "what": what })).collect();
        json!({
            "swpanel_dns_plan": 1,
            "service": self.service,
            "zone": self.zone,
            "state": self.state,
            "present": self.present,
            "create": create,
            "delete": delete,
        })
    }
}

/// A plan from its file: what is to be created stays the body that was shown.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) service: String,
    pub(super) zone: String,
    pub(super) state: String,
    pub(super) present: usize,
    /// Body and what it is.
    pub(super) create: Vec<(Value, String)>,
    pub(super) delete: Vec<(String, String)>,
}

impl Kept {
    pub(super) fn read(value: &Value) -> Result<Self, Failure> {
        let wrong =
            || Failure::usage("this is no plan").hint("`swpanel dns plan SERVICE ZONE FILE --out PLAN` writes one");
        if value.get("swpanel_dns_plan").and_then(Value::as_u64) != Some(1) {
            return Err(wrong());
        }
        let text =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(wrong);
        let list = |name: &str| value.get(name).and_then(Value::as_array).cloned().ok_or_else(wrong);
        let create = list("create")?;
        let create = create.iter().map(|one| Ok((one.get("body").cloned().ok_or_else(wrong)?, text(one, "what")?)));
        let create = create.collect::<Result<Vec<_>, Failure>>()?;
        let delete = list("delete")?;
        let delete = delete.iter().map(|one| Ok((text(one, "id")?, text(one, "what")?)));
        Ok(Self {
            service: text(value, "service")?,
            zone: text(value, "zone")?,
            state: text(value, "state")?,
            present: value
                .get("present")
                .and_then(Value::as_u64)
                .and_then(|n| usize::try_from(n).ok())
                .ok_or_else(wrong)?,
            create,
            delete: delete.collect::<Result<Vec<_>, Failure>>()?,
        })
    }
}
