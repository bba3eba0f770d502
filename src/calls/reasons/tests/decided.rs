//! Decisions and requirements that keep a kommun out are named, and no more is claimed than is known.

use selection::{PinEffect, QuotaEffect};

use super::*;

/// What the engine knows besides of a kommun left out: what the best selection without each pin is.
fn pins(effects: &[(&str, Answer)]) -> Explanations {
    let effect =
        |(name, without): &(&str, Answer)| PinEffect { kommunkod: code(name), without: without.clone() };
    Explanations { pins: effects.iter().map(effect).collect(), ..Explanations::default() }
}

const VALUES: [i64; 6] = [4, 4, 4, 8, 234_700, 1_234_567];

#[test]
fn a_lan_whose_only_chosen_kommun_is_in_by_decision() {
    let pinned = case().pin("Boden", true, Some("Värd"));
    let fact = Reason {
        example: Some(codes(&["Boden", "Luleå", "Malmö", "Östersund"])),
        ..reason("Luleå", Worse::Goal(1), (4, Some(3)))
    };
    let with_it = optimal(&["Luleå", "Kalmar", "Malmö", "Östersund"], &VALUES);
    reads(
        &pinned.teller().left_out(&fact, &pins(&[("Boden", with_it)])),
        "Om Luleå fick plats och lika många riksområden ändå skulle vara med, skulle högst 3 län kunna vara med i stället för 4, eftersom Boden i \
         samma län redan är med genom beslut. Utan beslutet i förväg att Boden ska vara med skulle Luleå ha fått plats i det \
         bästa urvalet.",
        "If Luleå had a place and as many national areas were still represented, at most 3 län could be represented instead of 4, because Boden in \
         the same län is already in by decision. Without the decision beforehand that Boden is in, Luleå would have had a \
         place in the best selection.",
    );
    // Without the decision it would be left out all the same: then the decision is named, and nothing is said of a place.
    let without_it = optimal(&["Umeå", "Kalmar", "Malmö", "Östersund"], &VALUES);
    let said = pinned.teller().left_out(&fact, &pins(&[("Boden", without_it)]));
    assert!(said.sv.ends_with("redan är med genom beslut."), "{}", said.sv);
    // One that is not proven says nothing either.
    let open = Answer::Feasible {
        goal_values: VALUES.to_vec(),
        selected: codes(&["Luleå", "Kalmar", "Malmö", "Östersund"]),
        proven_optimal: false,
        open_goal: 2,
    };
    let said = pinned.teller().left_out(&fact, &pins(&[("Boden", open)]));
    assert!(said.sv.ends_with("redan är med genom beslut."), "{}", said.sv);
    // A kommun of another län has nothing to do with it.
    let said = pinned.left_out("Ystad", Worse::Goal(1), (4, Some(3)));
    assert!(!said.sv.contains("beslut"), "{}", said.sv);
}

#[test]
fn a_category_with_others_than_those_decided_is_not_blamed_on_the_decision() {
    // Boden and Östersund are at level 1; only one of them is in by decision.
    let one = case().pin("Boden", true, None);
    let mut pool = one.input.clone();
    pool.applicants.push(applicant("Kiruna", 1));
    let names = [(code("Kiruna"), "Kiruna".to_owned())];
    let with_kiruna = |case: Case| Case {
        input: Input { pins: case.input.pins.clone(), ..pool.clone() },
        names: case.names.clone().into_iter().chain(names.clone()).collect(),
        ..case
    };
    let said = with_kiruna(one).left_out("Kiruna", Worse::Goal(3), (8, Some(12)));
    assert!(!said.sv.contains("beslut"), "{}", said.sv);
    let both = case().pin("Boden", true, None).pin("Östersund", true, None);
    let said = with_kiruna(both).left_out("Kiruna", Worse::Goal(3), (8, Some(12)));
    assert!(
        said.sv.ends_with(", eftersom Boden och Östersund på samma nivå redan är med genom beslut."),
        "{}",
        said.sv
    );
    assert!(
        said.en.ends_with(", because Boden and Östersund at the same level are already in by decision."),
        "{}",
        said.en
    );
    is_plain(&said);
}

#[test]
fn too_close_to_one_that_is_in_by_decision() {
    let pinned = case().pin("Malmö", true, None);
    let apart = selection::distance(at("Malmö"), at("Ystad"));
    let fact = |to: Option<i64>| Reason {
        example: to.map(|_| codes(&["Boden", "Kalmar", "Malmö", "Ystad"])),
        ..reason("Ystad", Worse::Goal(4), (234_700, to))
    };
    let told = |to| pinned.teller().left_out(&fact(to), &Explanations::default());
    let said = told(Some(apart));
    let is_there = |said: &Localized, words: &str| {
        assert!(said.sv.replace('\u{a0}', " ").ends_with(words), "{}", said.sv);
        is_plain(said);
    };
    is_there(
        &said,
        "bli högst 57 km i stället för 235 km, eftersom Malmö, som redan är med genom beslut, ligger 57 km bort.",
    );
    is_there(
        &told(None),
        "bli mindre än 235 km, eftersom Malmö, som redan är med genom beslut, ligger 57 km bort.",
    );
    // When the value is lower than their distance, something else gives it.
    is_there(&told(Some(apart - 5_000)), "till exempel mellan Malmö och Ystad.");
}

fn at(name: &str) -> (f64, f64) {
    let kommun = kommun(name);
    (kommun.latitude, kommun.longitude)
}

#[test]
fn a_requirement_that_decisions_fill() {
    let filled = case().quota(Dimension::Lan, "25", None, Some(1)).pin("Boden", true, None);
    reads(
        &filled.left_out("Luleå", Worse::Quota, (0, None)),
        "Om Luleå fick plats skulle kravet på högst 1 kommun i Norrbottens län inte kunna uppfyllas, eftersom Boden i samma län \
         redan är med genom beslut.",
        "If Luleå had a place, the requirement of at most 1 kommun in Norrbottens län could not be met, because Boden in the \
         same län is already in by decision.",
    );
    let two = filled.quota(Dimension::SizeBand, "from100k", Some(1), None);
    let fact = Reason { quota: Some(0), ..reason("Luleå", Worse::Quota, (0, None)) };
    let said = two.teller().left_out(&fact, &Explanations::default());
    assert!(said.sv.contains("skulle kravet på högst 1\u{a0}kommun i Norrbottens län inte"), "{}", said.sv);
}

#[test]
fn each_decision_or_requirement_that_alone_keeps_it_out_is_named() {
    let case =
        case().quota(Dimension::Lan, "25", None, Some(1)).pin("Boden", true, None).pin("Luleå", false, None);
    let with_it = optimal(&["Luleå", "Kalmar", "Malmö", "Östersund"], &VALUES);
    let quota =
        QuotaEffect { dimension: Dimension::Lan, category: "25".to_owned(), without: with_it.clone() };
    let all =
        Explanations { quotas: vec![quota], ..pins(&[("Boden", with_it.clone()), ("Luleå", with_it)]) };
    reads(
        &case.teller().left_out(&reason("Luleå", Worse::Pin, (0, None)), &all),
        "Det är bestämt i förväg att Luleå inte ska vara med. Det räcker att ett av dessa faller bort för att Luleå ska få \
         plats i det bästa urvalet: det beslutet, beslutet i förväg att Boden ska vara med och kravet på högst 1 kommun i \
         Norrbottens län.",
        "It is decided beforehand that Luleå is not in. It is enough that one of these falls away for Luleå to have a place \
         in the best selection: that decision, the decision beforehand that Boden is in and the requirement of at most 1 \
         kommun in Norrbottens län.",
    );
}

#[test]
fn a_requirement_that_keeps_all_of_a_category_out_is_the_reason_and_told_once() {
    let case = case().quota(Dimension::SizeBand, "from100k", Some(1), None).quota(
        Dimension::Lan,
        "25",
        None,
        Some(0),
    );
    let effect = |dimension, category: &str, without| QuotaEffect {
        dimension,
        category: category.to_owned(),
        without,
    };
    let all = |own: Answer| Explanations {
        quotas: vec![
            effect(
                Dimension::SizeBand,
                "from100k",
                optimal(&["Kalmar", "Malmö", "Umeå", "Östersund"], &VALUES),
            ),
            effect(Dimension::Lan, "25", own),
        ],
        ..Explanations::default()
    };
    let fact = Reason { quota: Some(0), ..reason("Luleå", Worse::Quota, (0, None)) };
    reads(
        &case.teller().left_out(&fact, &all(optimal(&["Luleå", "Kalmar", "Malmö", "Östersund"], &VALUES))),
        "Kravet är att ingen kommun i Norrbottens län är med. Utan det kravet skulle Luleå ha fått plats i det bästa urvalet.",
        "The requirement is that no kommun in Norrbottens län is in. Without that requirement, Luleå would have had a place in \
         the best selection.",
    );
    reads(
        &case.teller().left_out(&fact, &all(optimal(&["Umeå", "Kalmar", "Malmö", "Östersund"], &VALUES))),
        "Kravet är att ingen kommun i Norrbottens län är med.",
        "The requirement is that no kommun in Norrbottens län is in.",
    );
    reads(
        &case.teller().quota(1, &effect(Dimension::Lan, "25", case.answer.clone())),
        "Kravet att ingen kommun i Norrbottens län är med ändrar ingenting, för urvalet skulle bli detsamma utan det.",
        "The requirement that no kommun in Norrbottens län is in changes nothing, because the selection would be the same \
         without it.",
    );
}
