//! Texts that may be kept: words of the document and of a fixed list. A name or a word of an answer that is made of others
//! may be somebody's data.

use std::collections::BTreeSet;

use crate::document::{Document, Node, Object};
use crate::names::snake_case;

/// Words that members of any API are called by, and states and kinds that any may have; none is anybody's name.
const COMMON: &str = "
access account acl action active activo actual address admin after alert alias all allowed amount api app archive archived area array
asc attempt auth auto automatic available backup balance bandwidth base basic before begin billing blocked body bool boolean
bounce bronze bucket busy bytes caducado canceled cancelled capacity cert certificate city closed code comment completed config
confirmed connection contact contract core cores count country cpu created creating creation credit currency current custom daily
data database date datacenter day days debian debug default degraded deleted deleting delivered deny desc description detail
details device disabled disk display dns domain done down draft due duration email emergency enabled encoding end ended entries
entry error errors event exceeded expiration expire expired expires expiry extension extra failed failure family fax feature field
file files filter first firewall firmware flag flags float floor folder format free frequency from full gateway global gold group
guest has hash height high host hostname hour hours id ids image in inactive inactivo inbound index info initial installed integer
integrator internal interval invalid invoice ip ipv is issue issued issuer item items key kind label language last latency left
legacy length level limit limits linux list live load local location locked log login low mail mailbox main maintenance managed manual
max maximum medium memory message meta metadata method min minimum minute minutes mode model modified month monthly multiple name
nameserver network new next no none normal note notes notice number numeric object off offline ok old on online open operation
option optional options order org os outbound owner page paid panel parent partial partner password path paused payment pending
pendiente percent period permission permissions phone ping plan platform pool port position postal power pre premium price primary
priority private processing product production profile progress project protected protocol provider province provisioning public
quantity queue queued quota ram range rate read ready reason rebooting reboot record records recurrent region registered registrar
rejected release remaining remote removed renew renewal replica request requests required reseller resolved resource resources
response restarting result retry revoked role root route rule running sandbox scheduled scope score second secondary seconds
section secure security sent serial server service services session severity shared short signed silver since size slave sla snapshot
software solaris source space ssd ssl staging standard start started starting state stats status stop stopped stopping storage
street string sub subject success successful surname suspended suspendido swap switch sync system table tag tags target tax telephone
temporary term test text ticket time timeout timestamp timezone title to token total traffic transfer transferred trial true type
unit units unknown unlimited unpaid unused up update updated updating uptime url usage use used user username users uuid valid
validated validation value values vendor verified version virtual visible volume vps waiting warning web week weekly weight
whois width windows write year yearly years yes zip zone
";

/// What is known to be a word.
pub(super) struct Words {
    names: BTreeSet<String>,
    parts: BTreeSet<String>,
}

impl Words {
    /// Those of a document's names, paths and enumerations, and the common ones.
    pub(super) fn of(document: &Document) -> Self {
        let mut words = Self { names: BTreeSet::new(), parts: BTreeSet::new() };
        words.parts.extend(COMMON.split_whitespace().map(str::to_owned));
        for operation in document.operations() {
            let segments = operation.path.split('/').map(|segment| segment.trim_matches(['{', '}']));
            segments.for_each(|segment| words.learn(segment));
        }
        words.walk(document.root(), 0);
        words
    }

    fn walk(&mut self, node: &Node, depth: usize) {
        if depth > 64 {
            return;
        }
        for name in node.get("properties").and_then(Node::as_object).into_iter().flat_map(Object::iter) {
            self.names.insert(name.0.to_owned());
            self.learn(name.0);
        }
        for option in node.get("enum").and_then(Node::as_array).unwrap_or_default().iter().filter_map(Node::as_str) {
            self.learn(option);
        }
        for (_, below) in node.as_object().into_iter().flat_map(Object::iter) {
            self.walk(below, depth + 1);
        }
        node.as_array().unwrap_or_default().iter().for_each(|below| self.walk(below, depth + 1));
    }

    fn learn(&mut self, text: &str) {
        self.parts.extend(parts(text).filter(|part| part.len() > 1));
    }

    /// Whether the document has a member of this name somewhere.
    pub(super) fn names(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether all parts of a text are words: `created_at` and `createdAt` have two, `created` and `at`.
    pub(super) fn know(&self, text: &str) -> bool {
        parts(text).next().is_some() && self.unknown(text).next().is_none()
    }

    /// The parts of a text that are no words.
    pub(super) fn unknown(&self, text: &str) -> impl Iterator<Item = String> {
        parts(text).filter(|part| {
            let one = part.strip_suffix('s').unwrap_or(part);
            !matches!(one, "at" | "by" | "of") && !self.parts.contains(part) && !self.parts.contains(one)
        })
    }
}

/// The words that a name is put together from, without figures.
pub(super) fn parts(text: &str) -> impl DoubleEndedIterator<Item = String> + use<> {
    let parts: Vec<String> = snake_case(text)
        .split('_')
        .map(|part| part.trim_matches(|letter: char| letter.is_ascii_digit()).to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    parts.into_iter()
}

#[cfg(test)]
mod tests {
    use super::Words;
    use crate::document::{RawDocument, convert};

    #[test]
    fn words_are_those_of_the_document_and_of_the_list() {
        let text = "openapi: 3.0.3
info: {title: anagarcia, version: '1'}
paths:
  /gadgets/{id_widget}: {get: {responses: {'200': {description: joanpuig}}}}
components: {schemas: {A: {type: object, properties: {sprocketSize: {type: string, enum: [cromado]}}}}}
";
        let (document, _) = convert(&RawDocument::read(text.as_bytes()).unwrap()).unwrap();
        let words = Words::of(&document);
        for known in ["created_at", "createdAt", "sprocket", "cromado", "widget_ids", "gadgets2", "ACTIVE", "ipv4"] {
            assert!(words.know(known), "{known}");
        }
        for unknown in ["anagarcia", "joanpuig", "status_anagarcia", "", "12", "girona"] {
            assert!(!words.know(unknown), "{unknown}");
        }
        assert!(words.names("sprocketSize") && !words.names("sprocket_size"));
    }
}
