//! What requirements and decisions taken beforehand cost.

use selection::{Because, PinEffect, QuotaEffect};

use super::*;

fn limited() -> Case {
    case().quota(Dimension::Lan, "25", None, Some(1))
}

fn quota_effect(case: &Case, without: Answer) -> Localized {
    let effect = QuotaEffect { dimension: Dimension::Lan, category: "25".to_owned(), without };
    case.teller().quota(0, &effect)
}

const VALUES: [i64; 6] = [4, 4, 4, 8, 234_700, 1_234_567];

fn changed(index: usize, value: i64) -> [i64; 6] {
    let mut values = VALUES;
    values[index] = value;
    values
}

#[test]
fn a_requirement_that_costs_something_says_what_and_who() {
    reads(
        &quota_effect(&limited(), optimal(&["Luleå", "Kalmar", "Malmö", "Östersund"], &changed(0, 5))),
        "Utan kravet på högst 1 kommun i Norrbottens län skulle 5 riksområden kunna vara med i stället för 4. Luleå skulle \
         då få plats i stället för Boden.",
        "Without the requirement of at most 1 kommun in Norrbottens län, 5 national areas could be represented instead \
         of 4. Luleå would then have a place instead of Boden.",
    );
    reads(
        &quota_effect(&limited(), optimal(&["Boden", "Gotland", "Malmö", "Östersund"], &changed(3, 4))),
        "Utan kravet på högst 1 kommun i Norrbottens län skulle kommunerna kunna fördela sig jämnare på nivåerna 1–5 i hur långt de själva anser att de har kommit i samverkan med sociala företag \
         (på nivå 2: ingen i stället för 1; på nivå 5: 1 i stället för ingen). Gotland skulle då få plats i stället för Kalmar.",
        "Without the requirement of at most 1 kommun in Norrbottens län, the kommuner could be spread more evenly over the levels 1–5 of how far they consider themselves to have come in cooperation with social enterprises \
         (at level 2: none instead of 1; at level 5: 1 instead of none). Gotland would then have a place instead of Kalmar.",
    );
    let said =
        quota_effect(&limited(), optimal(&["Umeå", "Kalmar", "Malmö", "Östersund"], &changed(4, 300_000)));
    assert!(said.sv.contains("skulle det kortaste avståndet mellan två valda kommuner kunna vara 300\u{a0}km i stället för 235\u{a0}km. Umeå skulle då få plats i stället för Boden."), "{}", said.sv);
    is_plain(&said);
    let said =
        quota_effect(&limited(), optimal(&["Umeå", "Kalmar", "Malmö", "Östersund"], &changed(5, 2_000_000)));
    assert!(
        said.en.ends_with(
            "only the lottery numbers of the chosen would be others, 2,000,000 in all instead of 1,234,567 (the lottery number of \
             each kommun follows from a random number that was drawn and locked before the call opened). Umeå would then have a \
             place instead of Boden."
        ),
        "{}",
        said.en
    );
    is_plain(&said);
}

#[test]
fn a_requirement_that_costs_nothing_says_so() {
    reads(
        &quota_effect(&limited(), limited().answer),
        "Kravet på högst 1 kommun i Norrbottens län ändrar ingenting, för urvalet skulle bli detsamma utan det.",
        "The requirement of at most 1 kommun in Norrbottens län changes nothing, because the selection would be the same \
         without it.",
    );
    reads(
        &quota_effect(&limited(), optimal(&["Luleå", "Kalmar", "Malmö", "Östersund"], &VALUES)),
        "Utan kravet på högst 1 kommun i Norrbottens län skulle urvalet bli ett annat men precis lika bra. Luleå skulle då få plats i \
         stället för Boden.",
        "Without the requirement of at most 1 kommun in Norrbottens län, the selection would be another but exactly as good. \
         Luleå would then have a place instead of Boden.",
    );
}

#[test]
fn what_is_not_settled_is_not_claimed() {
    let open = Answer::Feasible {
        goal_values: changed(4, 200_000).to_vec(),
        selected: codes(&["Luleå", "Kalmar", "Malmö", "Östersund"]),
        proven_optimal: false,
        open_goal: 4,
    };
    reads(
        &quota_effect(&limited(), open),
        "Det är inte avgjort vad kravet på högst 1 kommun i Norrbottens län kostar, för beräkningen nådde sin gräns.",
        "It is not settled what the requirement of at most 1 kommun in Norrbottens län costs, because the computation reached \
         its limit.",
    );
}

#[test]
fn a_decision_taken_beforehand() {
    let pinned = case().pin("Östersund", true, Some("Värd för nätverket")).pin("Ystad", false, None);
    let effect = |name: &str, without| PinEffect { kommunkod: code(name), without };
    reads(
        &pinned
            .teller()
            .pin(0, &effect("Östersund", optimal(&["Boden", "Kalmar", "Malmö", "Umeå"], &changed(1, 5)))),
        "Utan beslutet i förväg att Östersund ska vara med skulle 5 län kunna vara med i stället för 4. Umeå skulle då få plats i \
         stället för Östersund.",
        "Without the decision beforehand that Östersund is in, 5 län could be represented instead of 4. Umeå would then have a \
         place instead of Östersund.",
    );
    reads(
        &pinned.teller().pin(1, &effect("Ystad", case().answer)),
        "Beslutet i förväg att Ystad inte ska vara med ändrar ingenting, för urvalet skulle bli detsamma utan det.",
        "The decision beforehand that Ystad is not in changes nothing, because the selection would be the same without it.",
    );
    let later = case().later_pin("Ystad", false, None);
    reads(
        &later.teller().pin(0, &effect("Ystad", case().answer)),
        "Beslutet att Ystad inte ska vara med ändrar ingenting, för urvalet skulle bli detsamma utan det. Beslutet avviker från \
         utlysningen.",
        "The decision that Ystad is not in changes nothing, because the selection would be the same without it. The decision \
         departs from the call.",
    );
}

#[test]
fn of_many_that_change_places_three_are_named() {
    let pinned = case().pin("Östersund", true, None);
    let told = |without: &[&str]| {
        let effect = PinEffect { kommunkod: code("Östersund"), without: optimal(without, &changed(1, 5)) };
        pinned.teller().pin(0, &effect)
    };
    let said = told(&["Gotland", "Luleå", "Umeå", "Ystad"]);
    reads(
        &said,
        "Utan beslutet i förväg att Östersund ska vara med skulle 5 län kunna vara med i stället för 4. Gotland, Ystad, Umeå och \
         1 annan skulle då få plats i stället för Kalmar, Malmö, Östersund och 1 annan.",
        "Without the decision beforehand that Östersund is in, 5 län could be represented instead of 4. Gotland, Ystad, Umeå and \
         1 other would then have a place instead of Kalmar, Malmö, Östersund and 1 other.",
    );
    // Fewer, when the places were not all filled.
    let said = told(&["Boden", "Kalmar", "Malmö"]);
    assert!(said.sv.ends_with(" Östersund skulle då bli utan plats."), "{}", said.sv);
    let said = told(&["Boden", "Gotland", "Kalmar", "Malmö", "Östersund"]);
    assert!(said.en.ends_with(" Gotland would then have a place."), "{}", said.en);
}

#[test]
fn what_makes_a_selection_impossible() {
    let impossible = || Answer::Infeasible { because: Because::Quotas, relaxation: None };
    let unknown = Answer::Infeasible { because: Because::Budget, relaxation: None };
    let case = Case { answer: impossible(), ..limited() };
    reads(
        &quota_effect(&case, limited().answer),
        "Utan kravet på högst 1 kommun i Norrbottens län skulle ett urval vara möjligt.",
        "Without the requirement of at most 1 kommun in Norrbottens län, a selection would be possible.",
    );
    reads(
        &quota_effect(&case, impossible()),
        "Kravet på högst 1 kommun i Norrbottens län är inte det enda hindret, för inget urval är möjligt utan det heller.",
        "The requirement of at most 1 kommun in Norrbottens län is not the only obstacle, because no selection is possible \
         without it either.",
    );
    let said = quota_effect(&case, unknown);
    assert!(said.sv.starts_with("Det är inte avgjort vad kravet på"), "{}", said.sv);
}
