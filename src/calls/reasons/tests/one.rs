//! Why one kommun is left out, or is among the chosen.

use super::*;

#[test]
fn fewer_parts_of_the_country() {
    reads(
        &case().left_out("Luleå", Worse::Goal(0), (4, Some(3))),
        "Om Luleå fick plats skulle högst 3 riksområden kunna vara med i stället för 4.",
        "If Luleå had a place, at most 3 national areas could be represented instead of 4.",
    );
    reads(
        &case().left_out("Luleå", Worse::Goal(0), (2, Some(1))),
        "Om Luleå fick plats skulle högst 1 riksområde kunna vara med i stället för 2.",
        "If Luleå had a place, at most 1 national area could be represented instead of 2.",
    );
    let other = codes(&["Luleå", "Boden", "Kalmar", "Malmö"]);
    reads(
        &case().teller().left_out(
            &Reason { example: Some(other.to_vec()), ..reason("Luleå", Worse::Goal(0), (4, Some(3))) },
            &Explanations::default(),
        ),
        "Om Luleå fick plats skulle högst 3 riksområden kunna vara med i stället för 4; till exempel skulle ingen kommun i \
         riksområdet Mellersta Norrland få plats.",
        "If Luleå had a place, at most 3 national areas could be represented instead of 4; for instance, no kommun in \
         the national area Middle Norrland would have a place.",
    );
}

#[test]
fn fewer_lan_and_the_only_one_of_its_lan() {
    reads(
        &case().left_out("Luleå", Worse::Goal(1), (4, None)),
        "Om Luleå fick plats och lika många riksområden ändå skulle vara med, skulle färre än 4 län kunna vara med.",
        "If Luleå had a place and as many national areas were still represented, fewer than 4 län could be represented.",
    );
    reads(
        &case().chosen("Kalmar", Worse::Goal(1), (4, Some(3))),
        "Utan Kalmar, men med lika många riksområden, skulle högst 3 län kunna vara med i stället för 4, för Kalmar är den enda \
         kvalificerade kommunen i Kalmar län.",
        "Without Kalmar, but with as many national areas, at most 3 län could be represented instead of 4, because \
         Kalmar is the only kommun in Kalmar län that qualified.",
    );
}

#[test]
fn less_even_by_size() {
    reads(
        &case().left_out("Gotland", Worse::Goal(2), (4, Some(9))),
        "Om Gotland fick plats och lika många riksområden och län ändå skulle vara med, skulle kommunerna fördela sig ojämnare på \
         storleksklasserna (avvikelsen från lika många i varje skulle bli sammanlagt 3 kommuner i stället för 1,3).",
        "If Gotland had a place and as many national areas and län were still represented, the kommuner would be spread less evenly over the \
         size classes (the difference from equally many in each would be 3 kommuner in all instead of 1.3).",
    );
    let other = codes(&["Boden", "Gotland", "Malmö", "Östersund"]);
    reads(
        &case().teller().left_out(
            &Reason { example: Some(other.to_vec()), ..reason("Ystad", Worse::Goal(3), (8, Some(12))) },
            &Explanations::default(),
        ),
        "Om Ystad fick plats och lika många riksområden och län ändå skulle vara med och fördelningen efter storlek vara lika jämn, skulle kommunerna \
         fördela sig ojämnare på nivåerna 1–5 i hur långt de själva anser att de har kommit i samverkan med sociala företag \
         (till exempel på nivå 2: ingen i stället för 1; på nivå 5: 1 i stället för ingen, om Kalmar lämnade sin plats).",
        "If Ystad had a place and as many national areas and län were still represented and the spread by size were still as even, the kommuner would be \
         spread less evenly over the levels 1–5 of how far they consider themselves to have come in cooperation with social enterprises \
         (for instance at level 2: none instead of 1; at level 5: 1 instead of none, if Kalmar left its place).",
    );
}

#[test]
fn closer_to_each_other() {
    let kept_sv = "lika många riksområden och län ändå skulle vara med och fördelningen efter storlek och efter hur långt de själva anser att de har kommit vara lika jämn";
    let kept_en = "as many national areas and län were still represented and the spread by size and by how far they consider themselves to have come were still as even";
    reads(
        &case().left_out("Ystad", Worse::Goal(4), (234_700, Some(55_600))),
        &format!(
            "Om Ystad fick plats och {kept_sv}, skulle det kortaste avståndet mellan två valda kommuner (fågelvägen mellan mittpunkterna) bli högst 56 km i stället för 235 km."
        ),
        &format!(
            "If Ystad had a place and {kept_en}, the shortest distance between two chosen kommuner (as the crow flies between their midpoints) would be at most 56 km instead of 235 km."
        ),
    );
    let other = codes(&["Boden", "Kalmar", "Malmö", "Ystad"]);
    reads(
        &case().teller().left_out(
            &Reason {
                example: Some(other.to_vec()),
                ..reason("Ystad", Worse::Goal(4), (234_700, Some(55_600)))
            },
            &Explanations::default(),
        ),
        &format!(
            "Om Ystad fick plats och {kept_sv}, skulle det kortaste avståndet mellan två valda kommuner (fågelvägen mellan mittpunkterna) bli högst 56 km i stället för 235 km, till exempel mellan Malmö och Ystad."
        ),
        &format!(
            "If Ystad had a place and {kept_en}, the shortest distance between two chosen kommuner (as the crow flies between their midpoints) would be at most 56 km instead of 235 km, for instance between Malmö and Ystad."
        ),
    );
    let more = codes(&["Boden", "Luleå", "Kalmar", "Ystad"]);
    let said = case().teller().left_out(
        &Reason { example: Some(more.to_vec()), ..reason("Ystad", Worse::Goal(4), (234_700, Some(55_600))) },
        &Explanations::default(),
    );
    assert!(
        said.sv.ends_with(
            "; till exempel skulle Boden och Luleå ligga närmast varandra, om Malmö och Östersund lämnade sina platser."
        ),
        "{}",
        said.sv
    );
    is_plain(&said);
    let only = case().goals(&[Goal::Dispersion], &[61_000]);
    reads(
        &only.chosen("Boden", Worse::Goal(0), (61_000, None)),
        "Utan Boden skulle det kortaste avståndet mellan två valda kommuner (fågelvägen mellan mittpunkterna) bli mindre än 61 km.",
        "Without Boden, the shortest distance between two chosen kommuner (as the crow flies between their midpoints) would be less than 61 km.",
    );
}

#[test]
fn lots_say_where_their_numbers_come_from() {
    let kept_sv = "lika många riksområden och län ändå skulle vara med, fördelningen efter storlek och efter hur långt de själva anser \
                   att de har kommit vara lika jämn och de närmaste ligga lika långt isär";
    let kept_en = "as many national areas and län were still represented, the spread by size and by how far they consider themselves to \
                   have come were still as even and the closest were still as far apart";
    reads(
        &case().left_out("Ystad", Worse::Goal(5), (1_234_567, Some(1_200_000))),
        &format!(
            "Om Ystad fick plats och {kept_sv}, skulle de valdas lottnummer tillsammans bli som mest 1 200 000 i stället för \
             1 234 567; när det som väger tyngre är lika bra gäller den högsta summan (varje kommuns lottnummer följer av ett \
             slumptal som drogs och låstes innan utlysningen öppnade)."
        ),
        &format!(
            "If Ystad had a place and {kept_en}, the lottery numbers of the chosen would add up to at most 1,200,000 instead of \
             1,234,567; when what weighs more is equally good, the highest sum counts (the lottery number of each kommun follows \
             from a random number that was drawn and locked before the call opened)."
        ),
    );
    let trial = Case { lots: Lots::Trial, ..case() };
    let said = trial.left_out("Ystad", Worse::Goal(5), (1_234_567, None));
    assert!(
        said.sv.ends_with(
            "(varje kommuns lottnummer följer av ett tal som är valt för den här provberäkningen)."
        ),
        "{}",
        said.sv
    );
    assert!(!said.en.contains("locked"), "{}", said.en);
}

#[test]
fn requirements_that_could_not_be_met() {
    let one = case().quota(Dimension::Lan, "25", None, Some(1));
    reads(
        &one.left_out("Luleå", Worse::Quota, (0, None)),
        "Om Luleå fick plats skulle kravet på högst 1 kommun i Norrbottens län inte kunna uppfyllas.",
        "If Luleå had a place, the requirement of at most 1 kommun in Norrbottens län could not be met.",
    );
    let two = one.quota(Dimension::SizeBand, "from100k", Some(2), Some(2));
    reads(
        &two.left_out("Luleå", Worse::Quota, (0, None)),
        "Om Luleå fick plats skulle inte alla krav på urvalet kunna uppfyllas.",
        "If Luleå had a place, not all requirements of the selection could be met.",
    );
    let fact = Reason { quota: Some(1), ..reason("Malmö", Worse::Quota, (0, None)) };
    reads(
        &two.teller().chosen(&fact),
        "Utan Malmö skulle inte alla krav på urvalet kunna uppfyllas; till exempel skulle kravet på exakt 2 kommuner med \
         100 000 invånare eller fler få ge vika.",
        "Without Malmö, not all requirements of the selection could be met; for instance, the requirement of exactly 2 kommuner with \
         100,000 inhabitants or more would have to give way.",
    );
}

#[test]
fn what_was_decided_beforehand() {
    let pinned =
        case().pin("Ystad", false, Some(" Deltar redan i ett annat nätverk. ")).pin("Boden", true, None);
    reads(
        &pinned.left_out("Ystad", Worse::Pin, (0, None)),
        "Det är bestämt i förväg att Ystad inte ska vara med: ”Deltar redan i ett annat nätverk”.",
        "It is decided beforehand that Ystad is not in: “Deltar redan i ett annat nätverk”.",
    );
    reads(
        &pinned.chosen("Boden", Worse::Pin, (0, None)),
        "Det är bestämt i förväg att Boden ska vara med.",
        "It is decided beforehand that Boden is in.",
    );
    reads(
        &pinned.left_out("Umeå", Worse::Pin, (0, None)),
        "Det som är bestämt i förväg om andra kommuner lämnar ingen plats åt Umeå.",
        "What is decided beforehand about other kommuner leaves no place for Umeå.",
    );
    let full = pinned.pin("Kalmar", true, None).pin("Malmö", true, None).pin("Östersund", true, None);
    reads(
        &full.left_out("Umeå", Worse::Pin, (0, None)),
        "Det är bestämt i förväg att alla 4 platser går till andra kommuner än Umeå.",
        "It is decided beforehand that all 4 places go to other kommuner than Umeå.",
    );
}

#[test]
fn what_the_call_did_not_name_was_not_decided_beforehand() {
    let pinned =
        case().later_pin("Ystad", false, Some("Har fått ett annat uppdrag.")).pin("Boden", true, None);
    reads(
        &pinned.left_out("Ystad", Worse::Pin, (0, None)),
        "Det är beslutat att Ystad inte ska vara med, vilket avviker från utlysningen: ”Har fått ett annat uppdrag”.",
        "It is decided that Ystad is not in, which departs from the call: “Har fått ett annat uppdrag”.",
    );
    reads(
        &pinned.chosen("Boden", Worse::Pin, (0, None)),
        "Det är bestämt i förväg att Boden ska vara med.",
        "It is decided beforehand that Boden is in.",
    );
    reads(
        &pinned.left_out("Umeå", Worse::Pin, (0, None)),
        "Det som är beslutat om andra kommuner lämnar ingen plats åt Umeå.",
        "What is decided about other kommuner leaves no place for Umeå.",
    );
    reads(
        &pinned.teller().decisions().unwrap(),
        "Det är beslutat att Ystad inte ska vara med, vilket avviker från utlysningen: ”Har fått ett annat uppdrag”. Det är \
         bestämt i förväg att Boden ska vara med.",
        "It is decided that Ystad is not in, which departs from the call: “Har fått ett annat uppdrag”. It is decided \
         beforehand that Boden is in.",
    );
    let full = pinned.pin("Kalmar", true, None).pin("Malmö", true, None).later_pin("Östersund", true, None);
    reads(
        &full.left_out("Umeå", Worse::Pin, (0, None)),
        "Det är beslutat att alla 4 platser går till andra kommuner än Umeå.",
        "It is decided that all 4 places go to other kommuner than Umeå.",
    );
    assert!(case().teller().decisions().is_none());
}

#[test]
fn too_few_kommuner_a_tie_and_what_is_not_settled() {
    reads(
        &case().chosen("Boden", Worse::Places, (0, None)),
        "Utan Boden skulle kommunerna inte räcka till de 4 platserna.",
        "Without Boden, there would not be enough kommuner for the 4 places.",
    );
    reads(
        &case().left_out("Luleå", Worse::TieBreak, (0, None)),
        "Ett urval med Luleå kan bli precis lika bra i allt, men mellan helt lika bra urval gäller det vars kommunkoder kommer \
         först i nummerordning.",
        "A selection with Luleå can be exactly as good in everything, but among equally good ones the one whose kommunkoder \
         come first in numerical order is taken.",
    );
    reads(
        &case().chosen("Boden", Worse::Open, (0, None)),
        "Det är inte avgjort om urvalet skulle bli sämre utan Boden, för beräkningen nådde sin gräns innan svaret var klart.",
        "It is not settled whether the selection would get worse without Boden, because the computation reached its limit \
         before it had the answer.",
    );
}
