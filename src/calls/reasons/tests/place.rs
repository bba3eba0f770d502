//! What a reserve can expect, and why a place that became free went to one kommun.

use super::*;
use crate::calls::reasons::Replaced;

const VALUES: [i64; 6] = [4, 4, 4, 8, 234_700, 1_234_567];

fn replaced(case: &Case, goal_values: &[i64], next: Option<&[i64]>) -> Localized {
    let kommunkod = code("Luleå");
    case.teller().replacement(&Replaced { kommunkod: &kommunkod, goal_values, next })
}

#[test]
fn the_first_goal_that_the_best_of_the_others_would_make_worse_is_told() {
    reads(
        &replaced(&case(), &VALUES, Some(&[4, 3, 4, 8, 234_700, 1_234_567])),
        "Luleå var den bästa ersättaren när platsen gavs. Med någon annan av dem som kunde få den, men med lika många riksområden, \
         skulle högst 3 län kunna vara med i stället för 4.",
        "Luleå was the best replacement when the place was given. With any other that could get it, but with as many national \
         areas, at most 3 län could be represented instead of 4.",
    );
    reads(
        &replaced(&case(), &VALUES, Some(&[3, 4, 4, 8, 234_700, 1_234_567])),
        "Luleå var den bästa ersättaren när platsen gavs. Med någon annan av dem som kunde få den skulle högst 3 riksområden kunna \
         vara med i stället för 4.",
        "Luleå was the best replacement when the place was given. With any other that could get it, at most 3 national areas could \
         be represented instead of 4.",
    );
    for index in 0..VALUES.len() {
        let mut worse = VALUES;
        worse[index] += if [2, 3].contains(&index) { 4 } else { -1 };
        let said = replaced(&case(), &VALUES, Some(&worse));
        assert!(said.sv.contains("Med någon annan av dem som kunde få den"), "{}", said.sv);
        is_plain(&said);
    }
}

#[test]
fn an_equally_good_one_and_the_only_one_are_told() {
    reads(
        &replaced(&case(), &VALUES, Some(&VALUES)),
        "Luleå var den bästa ersättaren när platsen gavs. En annan kunde ha blivit precis lika bra i allt, men mellan helt lika bra \
         urval gäller det vars kommunkoder kommer först i nummerordning.",
        "Luleå was the best replacement when the place was given. Another could have been exactly as good in everything, but among \
         equally good selections the one whose kommunkoder come first in numerical order is taken.",
    );
    reads(
        &replaced(&case(), &VALUES, None),
        "Luleå var den enda kommun som kunde få platsen.",
        "Luleå was the only kommun that could get the place.",
    );
    let limited = case().quota(Dimension::Lan, "25", None, Some(1));
    reads(
        &replaced(&limited, &VALUES, None),
        "Luleå var den enda kommun som kunde få platsen med de krav som ställts.",
        "Luleå was the only kommun that could get the place with the requirements made.",
    );
}

#[test]
fn nothing_is_claimed_of_what_was_not_computed() {
    let plain = "Luleå var den bästa ersättaren när platsen gavs.";
    assert_eq!(replaced(&case(), &[], None).sv, plain);
    // One that would be better cannot be: then something else has changed.
    assert_eq!(replaced(&case(), &VALUES, Some(&[5, 4, 4, 8, 234_700, 1_234_567])).sv, plain);
}

#[test]
fn a_reserve_reads_that_another_can_get_the_place() {
    reads(
        &case().teller().reserve(&code("Luleå"), 1),
        "Luleå är reserv nummer 1: om det fanns en plats till skulle den få den. Vem som får en plats som blir ledig räknas fram \
         på nytt, så det kan bli en annan kommun, också en som inte är reserv.",
        "Luleå is reserve number 1: if there were one more place, it would get it. Who gets a place that becomes free is computed \
         anew, so it can be another kommun, also one that is not a reserve.",
    );
    let third = case().teller().reserve(&code("Luleå"), 3);
    assert!(third.sv.contains("om det fanns 3 platser till skulle den få en av dem. "), "{}", third.sv);
    is_plain(&third);
}
