//! Which team the overview is asked for.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use utoipa::IntoParams;

use crate::platform::http::language::Words;
use crate::platform::http::problem::{Code, Fault, Problem};
use crate::team::Organisation;

/// Which team's overview; without either, all that the caller may see.
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
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "kommunkod" if value.len() == 4 && value.bytes().all(|b| b.is_ascii_digit()) => {
                    asked.kommunkod = Some(value.into_owned());
                }
                "kommunkod" => {
                    let words = Words::fixed("Kommunkoden är fyra siffror.", "A kommunkod is four digits.");
                    faults.push(Fault::new("kommunkod", "invalidValue", words));
                }
                "organisation" => match value.parse::<Organisation>() {
                    Ok(organisation) => asked.organisation = Some(organisation),
                    Err(wrong) => {
                        let words = Words::new(
                            format!("Värdet godtas inte: {wrong}."),
                            format!("The value is not accepted: {wrong}."),
                        );
                        faults.push(Fault::new("organisation", "invalidValue", words));
                    }
                },
                other => {
                    let words = Words::fixed(
                        "Okänd parameter; de kända är kommunkod, organisation.",
                        "Unknown parameter; the known ones are kommunkod, organisation.",
                    );
                    faults.push(Fault::new(other, "unknownParameter", words));
                }
            }
        }
        if asked.organisation == Some(Organisation::Owner) && asked.kommunkod.is_some() {
            let words = Words::fixed(
                "Projektägarens personal hör inte till en kommun.",
                "The owner's staff belong to no kommun.",
            );
            faults.push(Fault::new("kommunkod", "notAllowed", words));
        }
        Problem::if_any(Code::InvalidQuery, faults)?;
        Ok(asked)
    }
}

impl FromRequest for OverviewQuery {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request.query_string()).map_err(Into::into))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_parameter_is_named() {
        let problem = OverviewQuery::read("kommunkod=25&organisation=x&kommun=1").unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["kommunkod", "organisation", "kommun"]);
    }

    #[test]
    fn the_owners_staff_belong_to_no_kommun() {
        assert!(OverviewQuery::read("organisation=owner&kommunkod=2582").is_err());
        assert!(OverviewQuery::read("organisation=owner").is_ok());
        assert_eq!(OverviewQuery::read("").unwrap(), OverviewQuery::default());
    }
}
