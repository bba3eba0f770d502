//! From a JSON value to a draft of an input. What is of the wrong type or unknown is told with its pointer; the rest is read.

use serde_json::{Map, Value};

use super::draft::{Draft, DraftApplicant, DraftPin, DraftQuota};
use super::{Dimension, Goal, MAX_APPLICANTS};
use crate::fault::Fault;

/// More goals, quotas or pins than there can be without one of them coming twice.
const MAX_RULES: usize = 1_000;

/// Reads a document; `None` when it is no object.
pub(super) fn read(document: &Value, faults: &mut Vec<Fault>) -> Option<Draft> {
    let known = ["places", "seed", "goals", "applicants", "quotas", "pins", "nodeBudget"];
    let mut object = Object::of(document, String::new(), &known, faults)?;
    let places = object.whole("places").or_required(&mut object, "places");
    let seed = object.text("seed").or_required(&mut object, "seed");
    let node_budget = object.whole("nodeBudget").value;
    let applicants = object.list("applicants", MAX_APPLICANTS).or_required(&mut object, "applicants");
    let draft = Rules::of(&mut object).read(faults);
    let applicants = applicants
        .map(|applicants| each("/applicants", applicants, |value, at| applicant(value, at, faults)));
    Some(Draft { places, seed, applicants, node_budget, ..draft })
}

/// Reads the goals, quotas and pins of a document that has nothing else; `None` when it is no object.
pub(super) fn read_rules(document: &Value, faults: &mut Vec<Fault>) -> Option<Draft> {
    let mut object = Object::of(document, String::new(), &["goals", "quotas", "pins"], faults)?;
    Some(Rules::of(&mut object).read(faults))
}

/// What a document says of how to choose.
struct Rules<'a> {
    goals: Option<&'a [Value]>,
    quotas: &'a [Value],
    pins: &'a [Value],
}

impl<'a> Rules<'a> {
    fn of(object: &mut Object<'a, '_>) -> Self {
        let goals = object.list("goals", MAX_RULES).value;
        let quotas = object.list("quotas", MAX_RULES).value.unwrap_or_default();
        let pins = object.list("pins", MAX_RULES).value.unwrap_or_default();
        Self { goals, quotas, pins }
    }

    fn read(self, faults: &mut Vec<Fault>) -> Draft {
        Draft {
            goals: self.goals.map(|goals| each("/goals", goals, |value, at| goal(value, at, faults))),
            quotas: each("/quotas", self.quotas, |value, at| quota(value, at, faults)),
            pins: each("/pins", self.pins, |value, at| pin(value, at, faults)),
            ..Draft::default()
        }
    }
}

fn each<T>(at: &str, items: &[Value], mut read: impl FnMut(&Value, String) -> T) -> Vec<T> {
    items.iter().enumerate().map(|(index, item)| read(item, format!("{at}/{index}"))).collect()
}

fn goal(value: &Value, at: String, faults: &mut Vec<Fault>) -> Option<Goal> {
    let mut object = Object::of(value, at.clone(), &["kind", "dimension"], faults)?;
    let kind = object.text("kind").or_required(&mut object, "kind");
    let known = kind.as_deref().filter(|kind| Goal::KINDS.contains(kind));
    if kind.is_some() && known.is_none() {
        object.unknown("kind", &Goal::KINDS);
    }
    if matches!(known, Some("dispersion" | "lottery")) {
        if object.members.contains_key("dimension") {
            let (sv, en) = ("Målet har ingen dimension", "This goal has no dimension");
            faults.push(Fault::new(format!("{at}/dimension"), "notAllowed", sv, en));
            return None;
        }
        return Goal::from_parts(known?, None);
    }
    let dimension = object.dimension();
    if known.is_some() && !dimension.is_there {
        let (sv, en) = (
            "Fältet saknas; coverage och balance gäller en dimension",
            "The field is missing; coverage and balance are of a dimension",
        );
        faults.push(Fault::new(format!("{at}/dimension"), "required", sv, en));
    }
    Goal::from_parts(known?, Some(dimension.value?))
}

fn applicant(value: &Value, at: String, faults: &mut Vec<Fault>) -> DraftApplicant {
    let known = ["kommunkod", "nuts2", "lan", "sizeBand", "skrGroup", "maturity", "latitude", "longitude"];
    let Some(mut object) = Object::of(value, at, &known, faults) else { return DraftApplicant::default() };
    let mut text = |name: &str| object.text(name).or_required(&mut object, name);
    let (kommunkod, nuts2, lan) = (text("kommunkod"), text("nuts2"), text("lan"));
    let (size_band, skr_group) = (text("sizeBand"), text("skrGroup"));
    let maturity = object.whole("maturity").or_required(&mut object, "maturity");
    let latitude = object.number("latitude").or_required(&mut object, "latitude");
    let longitude = object.number("longitude").or_required(&mut object, "longitude");
    DraftApplicant { kommunkod, nuts2, lan, size_band, skr_group, maturity, latitude, longitude }
}

fn quota(value: &Value, at: String, faults: &mut Vec<Fault>) -> DraftQuota {
    let known = ["dimension", "category", "min", "max"];
    let Some(mut object) = Object::of(value, at, &known, faults) else {
        return DraftQuota { has_limit: true, ..DraftQuota::default() };
    };
    let dimension = object.dimension().or_required(&mut object, "dimension");
    let category = object.text("category").or_required(&mut object, "category");
    let (min, max) = (object.whole("min"), object.whole("max"));
    let has_limit = min.is_there || max.is_there;
    DraftQuota { dimension, category, min: min.value, max: max.value, has_limit }
}

fn pin(value: &Value, at: String, faults: &mut Vec<Fault>) -> DraftPin {
    let Some(mut object) = Object::of(value, at, &["kommunkod", "in", "reason"], faults) else {
        return DraftPin::default();
    };
    let kommunkod = object.text("kommunkod").or_required(&mut object, "kommunkod");
    let is_in = object.truth("in").or_required(&mut object, "in");
    DraftPin { kommunkod, is_in, reason: object.text("reason").value }
}

/// An object of the document, and where faults of it are told.
struct Object<'a, 'f> {
    members: &'a Map<String, Value>,
    at: String,
    faults: &'f mut Vec<Fault>,
}

/// A member: not there, there with a value, or there and told as a fault.
struct Member<T> {
    value: Option<T>,
    is_there: bool,
}

impl<T> Member<T> {
    /// The value; a member that is not there is a fault.
    fn or_required(self, object: &mut Object<'_, '_>, name: &str) -> Option<T> {
        if !self.is_there {
            object.faults.push(Fault::required(format!("{}/{name}", object.at)));
        }
        self.value
    }
}

impl<'a, 'f> Object<'a, 'f> {
    fn of(value: &'a Value, at: String, known: &[&str], faults: &'f mut Vec<Fault>) -> Option<Self> {
        let Value::Object(members) = value else {
            faults.push(wrong_type(at, value, OBJECT));
            return None;
        };
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            let known = known.join(", ");
            let sv = format!("Fältet finns inte; kända fält: {known}");
            faults.push(Fault::new(
                pointer,
                "unknownField",
                sv,
                format!("Unknown field; known fields: {known}"),
            ));
        }
        Some(Object { members, at, faults })
    }

    fn member<T>(&mut self, name: &str, expected: Name, read: impl Fn(&'a Value) -> Option<T>) -> Member<T> {
        let Some(value) = self.members.get(name) else { return Member { value: None, is_there: false } };
        let read = read(value);
        if read.is_none() {
            self.faults.push(wrong_type(format!("{}/{name}", self.at), value, expected));
        }
        Member { value: read, is_there: true }
    }

    fn text(&mut self, name: &str) -> Member<String> {
        self.member(name, TEXT, |value| value.as_str().map(str::to_owned))
    }

    fn truth(&mut self, name: &str) -> Member<bool> {
        self.member(name, TRUTH, Value::as_bool)
    }

    fn number(&mut self, name: &str) -> Member<f64> {
        self.member(name, NUMBER, Value::as_f64)
    }

    /// A whole number that is not negative. One that does not fit is told as too large or too small.
    fn whole<T: TryFrom<u64>>(&mut self, name: &str) -> Member<T> {
        let Member { value, is_there } = self.member(name, WHOLE, |value| {
            let is_whole = value.is_i64() || value.is_u64();
            is_whole.then(|| value.as_u64()).or_else(|| beyond_64_bits(value))
        });
        let fits = value.flatten().map(|number| T::try_from(number).ok());
        let (code, sv, en) = match (value, fits) {
            (Some(None), _) => ("tooSmall", "Får inte vara negativt", "May not be negative"),
            (_, Some(None)) => ("tooLarge", "Är för stort", "Is too large"),
            (_, fits) => return Member { value: fits.flatten(), is_there },
        };
        self.faults.push(Fault::new(format!("{}/{name}", self.at), code, sv, en));
        Member { value: None, is_there }
    }

    /// A list of at most `max` items. A longer one is not read at all.
    fn list(&mut self, name: &str, max: usize) -> Member<&'a [Value]> {
        let list = self.member(name, LIST, |value| value.as_array().map(Vec::as_slice));
        match list.value {
            Some(items) if items.len() > max => {
                self.faults.push(too_many(format!("{}/{name}", self.at), max, items.len()));
                Member { value: None, is_there: true }
            }
            _ => list,
        }
    }

    fn dimension(&mut self) -> Member<Dimension> {
        let Member { value, is_there } = self.text("dimension");
        let dimension = value.as_deref().and_then(Dimension::from_code);
        if value.is_some() && dimension.is_none() {
            self.unknown("dimension", &Dimension::ALL.map(Dimension::code));
        }
        Member { value: dimension, is_there }
    }

    fn unknown(&mut self, name: &str, known: &[&str]) {
        self.faults.push(unknown_value(format!("{}/{name}", self.at), known));
    }
}

/// A whole number that needs more than 64 bits, as the greatest one; none for one below 0.
fn beyond_64_bits(value: &Value) -> Option<Option<u64>> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    let number = value.as_f64().filter(|number| number.abs() >= END)?;
    Some((number > 0.0).then_some(u64::MAX))
}

/// A list with more items than can be.
pub(super) fn too_many(at: String, max: usize, has: usize) -> Fault {
    Fault::new(
        at,
        "tooMany",
        format!("Högst {max} i antal, nu {has}"),
        format!("At most {max} items, now {has}"),
    )
}

/// A value that is none of the known ones.
pub(super) fn unknown_value(at: String, known: &[&str]) -> Fault {
    let known = known.join(", ");
    Fault::new(at, "unknownValue", format!("Ska vara någon av {known}"), format!("Must be one of {known}"))
}

/// What a type is called in Swedish and English.
type Name = (&'static str, &'static str);

const OBJECT: Name = ("ett objekt", "an object");
const LIST: Name = ("en lista", "a list");
const TEXT: Name = ("en text", "a string");
const TRUTH: Name = ("true eller false", "true or false");
const NUMBER: Name = ("ett tal", "a number");
const WHOLE: Name = ("ett heltal", "an integer");

fn wrong_type(at: String, given: &Value, expected: Name) -> Fault {
    let (sv, en) = match given {
        Value::Null => ("null", "null"),
        Value::Bool(_) => TRUTH,
        Value::Number(number) if number.is_f64() => ("decimaltal", "a decimal number"),
        Value::Number(_) => WHOLE,
        Value::String(_) => TEXT,
        Value::Array(_) => LIST,
        Value::Object(_) => OBJECT,
    };
    let (sv, en) = (format!("Ska vara {}, är {sv}", expected.0), format!("Must be {}, is {en}", expected.1));
    Fault::new(at, "wrongType", sv, en)
}
