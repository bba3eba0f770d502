//! All closed lists of codes, with labels in both languages for frontends. Each resource declares its lists in its `PART`.

use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::identity::policy::RegisterRead;
use crate::platform::auth::permit::Permit;
use crate::platform::codes::CodeList as Declared;
use crate::platform::http::answer::{Answer, PUBLIC_HOUR};
use crate::platform::http::list::WholeList;
use crate::platform::http::operations::Operations;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::reference::kommuner::SizeBand;

/// What code lists bring to the program.
pub const PART: Part = Part { routes, ..Part::NONE };

/// A closed list of codes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = CodeList::example)]
pub struct CodeList {
    /// Name of the list.
    pub name: String,
    /// The codes, in order.
    pub items: Vec<CodeLabel>,
}

/// All code lists.
pub type CodeLists = WholeList<CodeList>;

/// A code with its labels.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeLabel {
    /// The code; it is the same in both languages.
    pub code: String,
    /// The label in Swedish.
    pub label_sv: String,
    /// The label in English.
    pub label_en: String,
}

impl CodeList {
    fn new(declared: &Declared) -> Self {
        let label = |(code, words): (&str, Localized)| CodeLabel {
            code: code.to_owned(),
            label_sv: words.sv.into_owned(),
            label_en: words.en.into_owned(),
        };
        Self { name: declared.name.to_owned(), items: (declared.codes)().into_iter().map(label).collect() }
    }

    fn example() -> Value {
        json!(Self::new(&SizeBand::LIST))
    }
}

/// List code lists
///
/// Alla slutna listor: tillstånd och koder med svenska och engelska etiketter.
///
/// All closed lists: states and codes with Swedish and English labels.
#[utoipa::path(
    tag = "reference",
    operation_id = "listCodeLists",
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "All code lists", body = CodeLists)),
)]
#[get("/code-lists")]
async fn list(permit: Permit<RegisterRead>) -> Result<Answer, Problem> {
    let items = permit.services().code_lists.iter().map(|declared| CodeList::new(declared)).collect();
    Ok(Answer::json(&CodeLists::new(&permit.context(), &[], items))?.tagged().cached(PUBLIC_HOUR))
}

/// Get a code list
///
/// En sluten lista efter namn.
///
/// One closed list, by name.
#[utoipa::path(
    tag = "reference",
    operation_id = "getCodeList",
    params(("name" = String, Path, description = "Listans namn / the list's name", example = "sizeBands")),
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "The code list", body = CodeList)),
)]
#[get("/code-lists/{name}")]
async fn get(permit: Permit<RegisterRead>, name: Path<String>) -> Result<Answer, Problem> {
    let services = permit.services();
    let declared = services
        .code_lists
        .iter()
        .find(|declared| declared.name == name.as_str())
        .ok_or_else(Problem::not_found)?;
    Ok(Answer::json(&CodeList::new(declared))?.tagged().cached(PUBLIC_HOUR))
}

/// The operations on code lists.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get);
}
