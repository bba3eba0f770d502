//! In what a selection departs from the call.

use super::*;
use crate::calls::reasons::Departure;

#[test]
fn what_is_otherwise_than_in_the_call_is_told_with_its_reason() {
    let quota = |category: &str, min, max| Quota {
        dimension: Dimension::Lan,
        category: category.to_owned(),
        min,
        max,
    };
    let pin = |name: &str, is_in| Pin { kommunkod: code(name), is_in, reason: None };
    let departure = Departure {
        has_other_goals: true,
        new_quotas: vec![quota("25", Some(2), None), quota("24", None, Some(0))],
        new_pins: vec![pin("Ystad", false)],
        dropped_quotas: vec![quota("23", Some(1), None)],
        dropped_pins: vec![pin("Boden", true)],
    };
    reads(
        &case().teller().departure(&departure, Some("Två har gått ihop.")).unwrap(),
        "Målen, eller deras ordning, är andra än i utlysningen. Sedan utlysningen öppnade har lagts till att minst 2 kommuner i \
         Norrbottens län är med, ingen kommun i Västerbottens län är med och Ystad inte är med. Sedan utlysningen öppnade har \
         tagits bort att minst 1 kommun i Jämtlands län är med och Boden är med. Skälet är: ”Två har gått ihop”.",
        "The goals, or their order, are others than in the call. Since the call opened it was added that at least 2 kommuner in \
         Norrbottens län are in, no kommun in Västerbottens län is in and Ystad is not in. Since the call opened it was dropped \
         that at least 1 kommun in Jämtlands län is in and Boden is in. The reason is: “Två har gått ihop”.",
    );
    let only = Departure { has_other_goals: true, ..Departure::default() };
    let said = case().teller().departure(&only, None).unwrap();
    assert_eq!(said.sv, "Målen, eller deras ordning, är andra än i utlysningen.");
    assert!(case().teller().departure(&Departure::default(), Some("Skäl")).is_none());
}
