//! What each goal has reached, and why there may be no answer.

use selection::{Because, Bound, Relaxation, Relaxed};

use super::*;

#[track_caller]
fn goal_reads(case: &Case, index: usize, sv: &str, en: &str) {
    reads(&case.teller().goal(index).unwrap(), sv, en);
}

#[test]
fn how_many_are_represented() {
    let four =
        "Alla 4 riksområden (de åtta delar som SCB delar in landet i) som har kvalificerade kommuner är med.";
    goal_reads(
        &case(),
        0,
        four,
        "All 4 national areas (riksområden: the eight parts into which Statistics Sweden divides the country) with qualified kommuner are represented.",
    );
    goal_reads(
        &case(),
        1,
        "4 av de 6 län som har kvalificerade kommuner är med, lika många som platserna, så fler är inte möjligt.",
        "4 of the 6 län with qualified kommuner are represented, as many as there are places, so no more are possible.",
    );
    let all = case().goals(&[Goal::Coverage(Dimension::Nuts2)], &[8]);
    goal_reads(
        &all,
        0,
        "Alla 8 riksområden (de åtta delar som SCB delar in landet i) är med.",
        "All 8 national areas (riksområden: the eight parts into which Statistics Sweden divides the country) are represented.",
    );
    let few = case().goals(&[Goal::Coverage(Dimension::Lan), Goal::Coverage(Dimension::Maturity)], &[1, 3]);
    goal_reads(
        &few,
        0,
        "1 av de 6 län som har kvalificerade kommuner är med, och fler är inte möjligt.",
        "1 of the 6 län with qualified kommuner is represented, and no more are possible.",
    );
    goal_reads(
        &few,
        1,
        "3 av de 4 nivåer i samverkan med sociala företag (egen bedömning, 1–5) som har kvalificerade kommuner är med, och fler är inte möjligt utan att något som väger \
         tyngre blir sämre.",
        "3 of the 4 levels of cooperation with social enterprises (their own assessment, 1–5) with qualified kommuner are represented, and no more are possible unless \
         something that weighs more gets worse.",
    );
    let mut one = case().goals(&[Goal::Coverage(Dimension::Nuts2)], &[1]);
    one.input.applicants.retain(|applicant| applicant.nuts2 == "SE33");
    goal_reads(
        &one,
        0,
        "Det enda riksområde (de åtta delar som SCB delar in landet i) som har kvalificerade kommuner är med.",
        "The only national area (riksområden: the eight parts into which Statistics Sweden divides the country) with qualified kommuner is represented.",
    );
}

#[test]
fn how_even_it_is() {
    goal_reads(
        &case(),
        2,
        "Kommunerna är fördelade så jämnt som målen före tillåter på storleksklasserna: 1 kommun med 25 000–49 999 invånare, 2 kommuner med \
         50 000–99 999 invånare och 1 kommun med 100 000 invånare eller fler.",
        "The kommuner are spread as evenly as the goals before allow over the size classes: 1 kommun with 25,000–49,999 inhabitants, \
         2 kommuner with 50,000–99,999 inhabitants and 1 kommun with 100,000 inhabitants or more.",
    );
    goal_reads(
        &case(),
        3,
        "Kommunerna är fördelade så jämnt som målen före tillåter på nivåerna 1–5 i hur långt de själva anser att de har kommit i samverkan med sociala företag: \
         2 kommuner på nivå 1, 1 kommun på nivå 2, 1 kommun på nivå 3 och ingen på nivå 5.",
        "The kommuner are spread as evenly as the goals before allow over the levels 1–5 of how far they consider themselves to have come in cooperation with social enterprises: \
         2 kommuner at level 1, 1 kommun at level 2, 1 kommun at level 3 and none at level 5.",
    );
}

#[test]
fn what_keeps_it_from_being_more_even_is_named() {
    let size =
        || case().goals(&[Goal::Balance(Dimension::SizeBand), Goal::Balance(Dimension::Maturity)], &[4, 8]);
    let begins = |case: &Case, index, sv: &str, en: &str| {
        let said = case.teller().goal(index).unwrap();
        let (sv, en) =
            (format!("Kommunerna är fördelade {sv} på"), format!("The kommuner are spread {en} over"));
        assert!(said.sv.starts_with(&sv) && said.en.starts_with(&en), "{said:?}");
        is_plain(&said);
    };
    begins(&size(), 0, "så jämnt det går", "as evenly as possible");
    begins(&size(), 1, "så jämnt som målet före tillåter", "as evenly as the goal before allows");
    let one = size().quota(Dimension::Lan, "25", None, Some(1));
    begins(&one, 0, "så jämnt som kravet tillåter", "as evenly as the requirement allows");
    let pinned = size().pin("Boden", true, None).pin("Ystad", false, None);
    begins(&pinned, 0, "så jämnt som besluten tillåter", "as evenly as the decisions allow");
    let all = one.quota(Dimension::Lan, "24", None, Some(1)).pin("Boden", true, None);
    begins(
        &all,
        1,
        "så jämnt som kraven, beslutet och målet före tillåter",
        "as evenly as the requirements, the decision and the goal before allow",
    );
    let coverage = [Goal::Coverage(Dimension::Lan), Goal::Coverage(Dimension::Maturity)];
    let bounded = case().goals(&coverage, &[1, 3]).pin("Boden", true, None);
    for (index, sv) in [
        ", och fler är inte möjligt med beslutet.",
        ", och fler är inte möjligt med beslutet och målet före.",
    ]
    .into_iter()
    .enumerate()
    {
        let said = bounded.teller().goal(index).unwrap();
        assert!(said.sv.ends_with(sv), "{}", said.sv);
    }
}

#[test]
fn how_far_apart_and_what_the_lots_gave() {
    goal_reads(
        &case(),
        4,
        "Det kortaste avståndet mellan två valda kommuner är 235 km, mellan Kalmar och Malmö (fågelvägen mellan kommunernas mittpunkter enligt kommunregistret).",
        "The shortest distance between two chosen kommuner is 235 km, between Kalmar and Malmö (as the crow flies between the midpoints of the kommuner in the register).",
    );
    goal_reads(
        &case(),
        5,
        "De valdas lottnummer är tillsammans 1 234 567, det högsta bland urval som annars är lika bra (varje kommuns \
         lottnummer följer av ett slumptal som drogs och låstes innan utlysningen öppnade).",
        "The lottery numbers of the chosen add up to 1,234,567, the highest among selections that are otherwise equally good \
         (the lottery number of each kommun follows from a random number that was drawn and locked before the call opened).",
    );
    let mut alone = case().goals(&[Goal::Dispersion], &[0]);
    alone.answer = optimal(&["Boden"], &[0]);
    goal_reads(
        &alone,
        0,
        "Bara en kommun är vald, så det finns inget avstånd mellan valda.",
        "Only one kommun is chosen, so there is no distance between chosen ones.",
    );
}

#[test]
fn an_open_goal_claims_nothing() {
    let mut open = case();
    open.answer = Answer::Feasible {
        goal_values: open.answer.goal_values().to_vec(),
        selected: open.answer.selected().to_vec(),
        proven_optimal: false,
        open_goal: 2,
    };
    let said = open.teller().goal(1).unwrap();
    assert!(said.sv.ends_with("så fler är inte möjligt."), "{}", said.sv);
    for index in 2..6 {
        let said = open.teller().goal(index).unwrap();
        assert!(
            said.sv
                .ends_with("(om det går att göra bättre är inte avgjort, för beräkningen nådde sin gräns)."),
            "{}",
            said.sv
        );
        assert!(!said.sv.contains("så jämnt") && !said.sv.contains("det högsta"), "{}", said.sv);
        is_plain(&said);
    }
}

#[test]
fn why_there_is_no_answer() {
    let none =
        |case: Case, because, relaxation| Case { answer: Answer::Infeasible { because, relaxation }, ..case };
    let quotas = || {
        case().quota(Dimension::Lan, "25", Some(3), None).quota(
            Dimension::SizeBand,
            "from100k",
            None,
            Some(0),
        )
    };
    let relaxed =
        |dimension, category: &str, bound| Relaxed { dimension, category: category.to_owned(), bound, by: 1 };
    let relaxation = Relaxation {
        total: 2,
        quotas: vec![
            relaxed(Dimension::Lan, "25", Bound::Min),
            relaxed(Dimension::SizeBand, "from100k", Bound::Max),
        ],
    };
    reads(
        &none(quotas(), Because::Quotas, Some(relaxation)).teller().impossible().unwrap(),
        "Inget urval kan uppfylla alla krav, men det räcker att ge efter med sammanlagt 2 kommuner, till exempel så: \
         kravet på minst 3 kommuner i Norrbottens län sänks till 2 och kravet att ingen kommun med 100 000 invånare eller fler \
         är med mjukas upp till högst 1 kommun.",
        "No selection can meet all requirements, but it is enough to give way by 2 kommuner in all, for instance like this: \
         the requirement of at least 3 kommuner in Norrbottens län is lowered to 2 and the requirement that no kommun with \
         100,000 inhabitants or more is in is eased to at most 1 kommun.",
    );
    let out = case().pin("Boden", false, None).pin("Luleå", false, None).pin("Umeå", false, None);
    let out = out.pin("Kalmar", false, None).pin("Malmö", false, None);
    reads(
        &none(out, Because::Pins, None).teller().impossible().unwrap(),
        "Inget urval är möjligt, för utan dem som enligt beslut i förväg inte ska vara med finns bara 3 kommuner att välja bland \
         och antalet platser är 4.",
        "No selection is possible, because without those that are decided beforehand not to be in there are only 3 kommuner to \
         choose from and the number of places is 4.",
    );
    let many = case().pin("Boden", true, None).pin("Luleå", true, None).pin("Umeå", true, None);
    let many = many.pin("Kalmar", true, None).pin("Malmö", true, None);
    reads(
        &none(many, Because::Pins, None).teller().impossible().unwrap(),
        "Inget urval är möjligt, för det är bestämt i förväg att 5 kommuner ska vara med och antalet platser är 4.",
        "No selection is possible, because it is decided beforehand that 5 kommuner are in and the number of places is 4.",
    );
    let later = case().later_pin("Boden", true, None).pin("Luleå", true, None).pin("Umeå", true, None);
    let later = later.pin("Kalmar", true, None).pin("Malmö", true, None);
    let said = none(later, Because::Pins, None).teller().impossible().unwrap();
    assert!(said.sv.contains("för det är bestämt att 5"), "{}", said.sv);
    for because in [Because::Quotas, Because::Places, Because::Budget] {
        is_plain(&none(case(), because, None).teller().impossible().unwrap());
    }
    assert!(case().teller().impossible().is_none());
}
