//! What the map says and where it says it, with the real kommuner.

use super::*;
use crate::calls::test_register::{kommun, kommuner, lan};

fn place(kommun: crate::calls::test_register::Kommun) -> Place {
    Place {
        kommunkod: kommun.code,
        name: kommun.name,
        lan_code: kommun.lan,
        latitude: kommun.latitude,
        longitude: kommun.longitude,
    }
}

fn data(applicants: Vec<Applicant>) -> MapData {
    MapData {
        programme: "Sociala företag <2021> & framåt".to_owned(),
        status: Localized::fixed("förslag", "proposal"),
        since: None,
        applicants,
        lan: lan().into_iter().map(|(code, name)| Lan { code, name }).collect(),
        register: kommuner().into_iter().map(place).collect(),
    }
}

fn applicant(name: &str, role: Role) -> Applicant {
    Applicant { place: place(kommun(name)), role }
}

fn small() -> MapData {
    data(vec![
        applicant("Boden", Role::Chosen),
        applicant("Luleå", Role::Chosen),
        applicant("Malmö", Role::Chosen),
        applicant("Kalmar", Role::Reserve(2)),
        applicant("Upplands Väsby", Role::Reserve(1)),
        applicant("Åre", Role::Other),
    ])
}

/// A pool of every n-th kommun, the chosen spread evenly in it.
fn large(every: usize, chosen: usize) -> MapData {
    let pool: Vec<Place> = kommuner().into_iter().step_by(every).map(place).collect();
    let step = pool.len() / chosen;
    let role = |index: usize| match (index % step, index / step) {
        (0, group) if group < chosen => Role::Chosen,
        (1, group) if group < 12 => Role::Reserve(u32::try_from(group).unwrap() + 1),
        _ => Role::Other,
    };
    data(pool.into_iter().enumerate().map(|(index, place)| Applicant { place, role: role(index) }).collect())
}

#[test]
fn it_says_in_words_what_it_shows() {
    let svg = map(&small(), Language::Sv).unwrap();
    for words in [
        "role=\"img\" lang=\"sv\"",
        "<title id=\"map-title\">Karta över valda kommuner (förslag): Sociala företag &#60;2021&#62; &#38; framåt</title>",
        ">Förslag: 3 av 6 kvalificerade kommuner är valda</text>",
        "3 av 6 kvalificerade kommuner är valda. De valda, län för län från norr till söder: \
         Norrbottens län: Boden och Luleå; Skåne län: Malmö. ",
        "Av de valda ligger Boden och Luleå närmast varandra, 56\u{a0}km isär (fågelvägen mellan kommunernas mittpunkter). ",
        "Reserver, i den ordning de skulle få plats om det fanns fler platser: Upplands Väsby (reserv\u{a0}1), Kalmar \
         (reserv\u{a0}2). Vem som ersätter en kommun som lämnar räknas fram på nytt. ",
        "1 kvalificerad kommun är varken vald eller reserv: Åre.</desc>",
        ">Andra kvalificerade kommuner</text>",
        ">Åre</text>",
    ] {
        assert!(svg.contains(words), "{words}\n{}", &svg[..3000]);
    }
    let svg = map(&small(), Language::En).unwrap();
    for words in [
        "role=\"img\" lang=\"en\"",
        "Map of the chosen kommuner (proposal)",
        "3 of 6 kommuner that qualified are chosen. The chosen, län by län from north to south: ",
        "Of the chosen, Boden and Luleå are the closest to each other, 56\u{a0}km apart (as the crow flies between their midpoints). ",
        "1 kommun that qualified is neither chosen nor a reserve: Åre.</desc>",
    ] {
        assert!(svg.contains(words), "{words}\n{}", &svg[..3000]);
    }
}

#[test]
fn who_left_and_who_came_since_the_announcement_has_marks_of_their_own() {
    let mut changed = small();
    changed.since = Some(Localized::fixed("Malmö har lämnat.", "Malmö has left."));
    changed.applicants[2].role = Role::Left;
    changed.applicants[4].role = Role::Came(Some(1));
    changed.applicants[5].role = Role::Came(None);
    let svg = map(&changed, Language::Sv).unwrap();
    for words in [
        "3 av 6 kvalificerade kommuner är valda",
        "De valda och de som har fått plats sedan dess, län för län från norr till söder: Norrbottens län: Boden och Luleå; \
         Jämtlands län: Åre (har fått plats); Stockholms län: Upplands Väsby (har fått plats); Skåne län: Malmö (har lämnat). \
         När urvalet beslutades låg Boden och Luleå närmast varandra av de valda, 56\u{a0}km ",
        "isär (fågelvägen mellan kommunernas mittpunkter). Malmö har lämnat. Reserver, ",
        ">Malmö har lämnat.</text>",
        ">vald, men har lämnat sedan dess (1)</text>",
        ">har fått plats sedan dess (2)</text>",
        "Upplands Väsby (reserv\u{a0}1, har fått plats), Kalmar (reserv\u{a0}2). ",
        "font-weight=\"bold\">Malmö</text>",
        "font-weight=\"bold\">Åre</text>",
    ] {
        assert!(svg.contains(words), "{words}\n{}", &svg[..3000]);
    }
    // Each once in the legend, and on the map.
    for (mark, count) in [("href=\"#map-left\"", 2), ("href=\"#map-came\"", 3)] {
        assert_eq!(svg.matches(mark).count(), count, "{mark}");
    }
    let before = map(&small(), Language::Sv).unwrap();
    assert!(!before.contains("href=\"#map-left\"") && !before.contains("sedan dess"));
}

#[test]
fn no_name_of_a_lan_lies_over_a_kommun() {
    let data = small();
    let laid = layout::names(&data);
    let area = |name: &str| laid.iter().find(|(text, _)| text == name).map(|(_, area)| *area).unwrap();
    for name in ["Gotlands län", "Jämtlands län", "Norrbottens län", "Västerbottens län", "Dalarnas län"]
    {
        let covered = layout::dots(&data).into_iter().filter(|(_, dot)| area(name).overlap(dot) > 0.0);
        assert_eq!(covered.map(|(kommun, _)| kommun).collect::<Vec<_>>(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn one_chosen_or_none_is_said_rightly() {
    let one = map(&data(vec![applicant("Boden", Role::Chosen)]), Language::Sv).unwrap();
    assert!(one.contains("1 av 1 kvalificerad kommun är vald."), "{}", &one[..1500]);
    assert!(!one.contains("närmast varandra") && !one.contains("Reserver"));
    let none = map(&data(vec![applicant("Boden", Role::Other)]), Language::En).unwrap();
    assert!(
        none.contains("0 of 1 kommun that qualified are chosen. 1 kommun that qualified is neither"),
        "{}",
        &none[..1500]
    );
}

#[test]
fn its_bytes_are_the_same_each_time_and_hold_no_broken_number() {
    for language in [Language::Sv, Language::En] {
        let svg = map(&large(5, 12), language).unwrap();
        assert_eq!(svg, map(&large(5, 12), language).unwrap());
        assert!(!svg.contains("NaN") && !svg.contains("inf,") && !svg.contains("\"inf"));
    }
}

#[test]
fn it_names_every_lan_and_every_chosen_and_needs_nothing_from_elsewhere() {
    let data = large(1, 40);
    let svg = map(&data, Language::Sv).unwrap();
    for (_, name) in lan() {
        assert!(svg.matches(&format!(">{name}</text>")).count() >= 1, "{name}");
    }
    for chosen in data.chosen() {
        assert!(svg.contains(&format!("font-weight=\"bold\">{}</text>", chosen.name)), "{}", chosen.name);
    }
    for alien in ["<script", "<style", " style=", "url(", "@import", "<image", "xlink"] {
        assert!(!svg.contains(alien), "{alien}");
    }
}

#[test]
fn names_do_not_cover_each_other_or_a_chosen_one() {
    for (every, chosen) in [(5, 12), (1, 12), (5, 40), (1, 40)] {
        let laid = layout::names(&large(every, chosen));
        for (index, (text, area)) in laid.iter().enumerate() {
            for (other, others) in &laid[index + 1..] {
                assert_eq!(area.overlap(others), 0.0, "{text} and {other}, {chosen} of every {every}.");
            }
        }
        assert!(laid.len() >= chosen + 21, "names and län: {}", laid.len());
    }
}
