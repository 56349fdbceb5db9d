//! The words of reference pages in English, Spanish, Catalan and Portuguese: what a heading announces, what a column holds.

/// What the blocks behind a heading or a line are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// Parameters, without a word on where they go.
    Parameters,
    Path,
    Query,
    Body,
    Header,
    /// A request as a whole: its address or a sample of it.
    Request,
    Response,
    Error,
    /// Samples of requests and responses, whichever.
    Example,
    /// Values of something, not names of parameters.
    Values,
}

fn any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Whether a text has one of the words as a whole word.
fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

/// What a heading, or a line that ends with a colon, announces. Long ones are titles of their own.
pub(super) fn topic(text: &str) -> Option<Topic> {
    let lower = text.to_lowercase();
    let lower = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let words = lower.split_whitespace().count();
    if lower.is_empty() || words > 7 {
        return None;
    }
    let response = any(
        lower,
        &[
            "response",
            "respuesta",
            "resposta",
            "returns",
            "returned",
            "devuelve",
            "retorna",
            "retorno",
            "output",
            "salida",
            "sortida",
            "resultado",
            "resultat",
        ],
    );
    let example = any(lower, &["example", "ejemplo", "exemple", "exemplo", "sample", "muestra"]);
    let parameters = any(
        lower,
        &[
            "parameter",
            "parámetro",
            "parametro",
            "paràmetre",
            "parametre",
            "parâmetro",
            "argument",
            "params",
            "attribute",
            "atributo",
            "campos",
            "fields",
            "atribut",
        ],
    );
    if any(lower, &["error", "errores"]) && words <= 5 {
        return Some(Topic::Error);
    }
    if response {
        return Some(Topic::Response);
    }
    if any(lower, &["header", "cabecera", "encabezado", "capçaler", "capcaler", "cabeçalho"]) {
        return Some(Topic::Header);
    }
    if any(lower, &["query", "filter", "filtro", "filtre", "pagination", "paginación", "querystring", "consulta"])
        && (parameters || words <= 3)
    {
        return Some(Topic::Query);
    }
    if has_word(lower, &["sorting", "sort", "ordenación", "ordenacion", "ordenação", "ordenació"]) && words <= 2 {
        return Some(Topic::Values);
    }
    if any(
        lower,
        &[
            "body",
            "payload",
            "cuerpo",
            "corpo",
            "post data",
            "form data",
            "json data",
            "data params",
            "form param",
            "data constraints",
            "data example",
        ],
    ) || has_word(lower, &["input", "entrada", "cos"])
        || (any(lower, &["request", "petición", "peticion", "solicitud", "requisição", "petició"]) && parameters)
    {
        return Some(Topic::Body);
    }
    if (any(lower, &["path", "url", "uri", "ruta", "route"]) && parameters)
        || matches!(lower, "path variables" | "variables de ruta")
    {
        return Some(Topic::Path);
    }
    if parameters {
        return Some(Topic::Parameters);
    }
    let request = any(
        lower,
        &[
            "request",
            "petición",
            "peticion",
            "solicitud",
            "requisição",
            "petició",
            "sol·licitud",
            "endpoint",
            "http method",
            "método http",
        ],
    ) || matches!(
        lower,
        "url"
            | "method"
            | "método"
            | "metodo"
            | "mètode"
            | "definition"
            | "definición"
            | "usage"
            | "uso"
            | "curl"
            | "route"
            | "ruta"
            | "path"
    );
    if request && words <= 4 {
        return Some(Topic::Request);
    }
    if example && words <= 5 {
        return Some(Topic::Example);
    }
    None
}

/// What a line of prose before a sample or a table says of it.
pub(super) fn topic_of_line(text: &str) -> Option<Topic> {
    let lower = text.to_lowercase();
    let last = lower.trim_end().rsplit(['.', '\n']).find(|part| part.trim().len() > 2).unwrap_or_default().to_owned();
    if let Some(topic) = topic(&last) {
        return Some(topic);
    }
    let tail = last.as_str();
    if any(
        tail,
        &[
            "response",
            "respuesta",
            "resposta",
            "returns",
            "returned",
            "devuelve",
            "retorna",
            "responds",
            "will receive",
            "recibirá",
            "answer",
        ],
    ) {
        return Some(Topic::Response);
    }
    if any(tail, &["bad request", "solicitud incorrecta", "petición incorrecta"]) {
        return None;
    }
    if any(tail, &["body", "cuerpo", "payload", "request", "petición", "solicitud", "send", "enviar", "input"]) {
        return Some(Topic::Body);
    }
    None
}

/// Whether a cell of types also says that the value is needed, or that it is not.
pub(super) fn required_in_type(cell: &str) -> Option<bool> {
    let lower = cell.to_lowercase();
    if has_word(&lower, &["optional", "opcional"]) {
        return Some(false);
    }
    has_word(&lower, &["required", "obligatorio", "obligatoria", "obligatori", "requerido", "obrigatório", "mandatory"])
        .then_some(true)
}

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Type,
    Required,
    Optional,
    Default,
    Description,
    Location,
    Example,
    Values,
    Method,
    Address,
    Other,
}

pub(super) fn column(head: &str) -> Column {
    let lower = head.to_lowercase();
    let lower = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let is = |words: &[&str]| words.contains(&lower);
    if is(&["optional", "opcional", "optional?"]) {
        return Column::Optional;
    }
    if any(lower, &["required", "obligator", "requerido", "requerit", "mandatory", "obrigat", "necesario", "requisito"])
        || is(&["req", "mandatory"])
    {
        return Column::Required;
    }
    if is(&[
        "type",
        "tipo",
        "tipus",
        "data type",
        "tipo de dato",
        "tipo de datos",
        "datatype",
        "format",
        "formato",
        "schema",
    ]) {
        return Column::Type;
    }
    if any(lower, &["description", "descripción", "descripcion", "descripció", "descrição", "descricao"])
        || is(&[
            "notes",
            "notas",
            "details",
            "detalle",
            "detalles",
            "meaning",
            "comment",
            "comments",
            "comentario",
            "significado",
            "info",
            "explanation",
            "purpose",
        ])
    {
        return Column::Description;
    }
    if is(&[
        "in",
        "location",
        "located in",
        "ubicación",
        "ubicacion",
        "ubicació",
        "localização",
        "place",
        "en",
        "param type",
        "parameter type",
        "where",
    ]) {
        return Column::Location;
    }
    if is(&[
        "default",
        "default value",
        "por defecto",
        "valor por defecto",
        "predeterminado",
        "padrão",
        "per defecte",
        "defecto",
    ]) {
        return Column::Default;
    }
    if is(&["example", "ejemplo", "exemple", "exemplo", "sample", "value", "valor", "example value"]) {
        return Column::Example;
    }
    if is(&[
        "values",
        "valores",
        "allowed values",
        "possible values",
        "valors",
        "options",
        "opciones",
        "valores posibles",
        "valid values",
    ]) {
        return Column::Values;
    }
    if is(&[
        "method",
        "método",
        "metodo",
        "mètode",
        "verb",
        "verbo",
        "http method",
        "http verb",
        "http",
        "action method",
    ]) {
        return Column::Method;
    }
    if is(&[
        "endpoint",
        "url",
        "path",
        "uri",
        "ruta",
        "route",
        "resource",
        "recurso",
        "endpoints",
        "address",
        "dirección",
    ]) {
        return Column::Address;
    }
    if is(&[
        "name",
        "nombre",
        "nom",
        "nome",
        "parameter",
        "parámetro",
        "parametro",
        "paràmetre",
        "parâmetro",
        "param",
        "field",
        "campo",
        "camp",
        "key",
        "clave",
        "attribute",
        "atributo",
        "atribut",
        "property",
        "propiedad",
        "propietat",
        "propriedade",
        "variable",
        "argument",
        "argumento",
        "parameters",
        "parámetros",
        "field name",
        "parameter name",
        "nombre del campo",
        "header",
        "cabecera",
        "query parameter",
        "query param",
        "params",
        "fields",
        "option",
        "header name",
    ]) || (lower.split_whitespace().count() <= 3
        && any(lower, &["parameter", "parámetro", "field", "campo", "attribute"]))
    {
        return Column::Name;
    }
    Column::Other
}

/// Yes and no in a cell; none where it says neither.
pub(super) fn yes(cell: &str) -> Option<bool> {
    let lower = cell.to_lowercase();
    let lower = lower.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '`' | '.' | '_' | '(' | ')'));
    let first = lower.split([' ', ',', '(', ';']).next().unwrap_or_default();
    match first {
        "yes" | "sí" | "si" | "sim" | "y" | "true" | "required" | "obligatorio" | "obligatoria" | "obligatori"
        | "obrigatório" | "requerido" | "requerida" | "✓" | "✔" | "✅" | "x" | "1" | "must" | "mandatory"
        | "always" | "siempre" | "☑" | "✔️" | "yes!" | "s" => Some(true),
        "no" | "n" | "false" | "optional" | "opcional" | "não" | "nao" | "✗" | "✘" | "❌" | "-" | "—" | "–" | "0"
        | "" | "✖" | "never" | "conditional" | "condicional" => Some(false),
        _ if cell.contains('*') && lower.is_empty() => Some(true),
        _ => None,
    }
}

/// What a description says of whether its parameter is needed.
pub(super) fn said_required(description: &str) -> Option<bool> {
    let lower = description.to_lowercase();
    let plain: String = lower.chars().filter(|c| !matches!(c, '*' | '_' | '`')).collect();
    let start = plain.trim_start_matches(|c: char| !c.is_alphanumeric());
    let begins = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    let holds = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    // Needed in some cases only: not always.
    let sentence = start.split(['.', ';']).next().unwrap_or_default();
    let conditional =
        [" if ", " when ", " only ", " unless ", " si ", " cuando ", " solo ", " sólo ", " quan ", " quando ", " se "];
    if begins(&["required", "obligatori", "requerid", "obrigat", "mandatory"])
        && conditional.iter().any(|word| format!("{sentence} ").contains(word))
    {
        return Some(false);
    }
    if begins(&["optional", "opcional", "(optional"])
        || holds(&["(optional)", "(opcional)", "[optional]", "[opcional]", "optional."])
    {
        return Some(false);
    }
    if begins(&["required", "obligatori", "requerid", "obrigatóri", "mandatory", "(required", "campo obligatorio"])
        || holds(&[
            "(required)",
            "(obligatorio)",
            "(obligatoria)",
            "(requerido)",
            "[required]",
            "(obrigatório)",
            "(obligatori)",
            " required.",
        ])
        || lower.contains("**required**")
    {
        return Some(true);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_columns_in_four_languages() {
        for (text, expected) in [
            ("Query Parameters", Some(Topic::Query)),
            ("Parámetros de la URL", Some(Topic::Path)),
            ("Parámetros", Some(Topic::Parameters)),
            ("Paràmetres del cos", Some(Topic::Body)),
            ("Cuerpo de la petición", Some(Topic::Body)),
            ("Response Parameters", Some(Topic::Response)),
            ("Respuesta 200", Some(Topic::Response)),
            ("Posibles errores", Some(Topic::Error)),
            ("HTTP Request", Some(Topic::Request)),
            ("Exemplo", Some(Topic::Example)),
            ("Sorting", Some(Topic::Values)),
            ("Filters", Some(Topic::Query)),
            ("Zone record attributes of all kinds of zones and more", None),
            ("List zones", None),
        ] {
            assert_eq!(topic(text), expected, "{text}");
        }
        let columns =
            ["Parámetro", "Tipo", "Obligatorio", "Descripción", "Optional?", "Valor por defecto", "Camp"].map(column);
        use Column::{Default, Description, Name, Optional, Required, Type};
        assert_eq!(columns, [Name, Type, Required, Description, Optional, Default, Name]);
        assert_eq!(
            ["Sí", "No", "**Yes**", "✓", "", "Sim (1)"].map(yes),
            [Some(true), Some(false), Some(true), Some(true), Some(false), Some(true)]
        );
        assert_eq!(said_required("**Required**. The name"), Some(true));
        assert_eq!(said_required("Opcional. El nombre"), Some(false));
        assert_eq!(said_required("The name"), None);
        assert_eq!(said_required("**Required** only if the domain is premium."), Some(false));
        assert_eq!(said_required("Required. Fails if it is taken."), Some(true));
    }
}
