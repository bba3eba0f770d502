//! The parameters of the overview: which team.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use utoipa::IntoParams;

use crate::platform::http::in_order::RequestPart;
use crate::platform::http::parameters;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::team::Organisation;

/// The team of the overview; without parameters, every team that the caller sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewQuery {
    /// Kommunens team. / The kommun's team.
    #[param(pattern = "^[0-9]{4}$", example = "2582")]
    pub kommunkod: Option<String>,
    /// `owner` för projektägarens egen personal. / `owner` for the owner's own staff.
    pub organisation: Option<Organisation>,
}

impl OverviewQuery {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut asked = Self::default();
        let mut faults = Vec::new();
        let sent = parameters::parse(query, &mut faults);
        parameters::refuse_repeated(&sent, |_| true, &mut faults);
        for (name, value) in sent {
            match name.as_str() {
                "kommunkod" if value.len() == 4 && value.bytes().all(|b| b.is_ascii_digit()) => {
                    asked.kommunkod = Some(value);
                }
                "kommunkod" => {
                    let words =
                        Localized::fixed("Kommunkoden är fyra siffror.", "A kommunkod is four digits.");
                    faults.push(FieldError::new("kommunkod", "invalidValue", words));
                }
                "organisation" => match value.parse::<Organisation>() {
                    Ok(organisation) => asked.organisation = Some(organisation),
                    Err(wrong) => faults.push(parameters::wrong_value("organisation", &wrong)),
                },
                _ => {
                    faults.push(parameters::unknown(name, &["kommunkod", "organisation"].map(str::to_owned)))
                }
            }
        }
        if asked.organisation == Some(Organisation::Owner) && asked.kommunkod.is_some() {
            let words = Localized::fixed(
                "Projektägarens personal hör inte till en kommun.",
                "The owner's staff does not belong to a kommun.",
            );
            faults.push(FieldError::new("kommunkod", "notAllowed", words));
        }
        Code::InvalidQuery.refuse_any(faults)?;
        Ok(asked)
    }
}

impl RequestPart for OverviewQuery {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        parameters::read(request, |request| Self::read(request.query_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invalid_parameter_is_reported() {
        let problem = OverviewQuery::read("kommunkod=25&organisation=x&kommun=1").unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["kommunkod", "organisation", "kommun"]);
    }

    #[test]
    fn the_owners_staff_does_not_belong_to_a_kommun() {
        assert!(OverviewQuery::read("organisation=owner&kommunkod=2582").is_err());
        assert!(OverviewQuery::read("organisation=owner").is_ok());
        assert_eq!(OverviewQuery::read("").unwrap(), OverviewQuery::default());
    }
}
