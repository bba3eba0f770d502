//! The figures of a distribution, and what its drawing says.

use super::*;
use crate::calls::test_register::{applicant, lan};

fn pool() -> Vec<Applicant> {
    [("Boden", 2), ("Luleå", 2), ("Malmö", 5), ("Ystad", 1)]
        .map(|(name, level)| applicant(name, level))
        .into()
}

fn data(language: Language) -> DistributionData {
    let (pool, chosen) = (pool(), ["2582".to_owned(), "1280".to_owned()]);
    DistributionData {
        programme: "Sociala företag & <framåt>".to_owned(),
        status: Localized::fixed("beslutat", "decided"),
        since: None,
        dimensions: shares(&pool, &chosen, &Labels::new(lan()), language),
        pool: pool.len(),
        chosen: chosen.len(),
    }
}

#[test]
fn it_counts_the_chosen_and_the_pool_of_each_category() {
    let data = data(Language::Sv);
    let told: Vec<String> = data
        .dimensions
        .iter()
        .flat_map(|share| share.categories.iter().map(move |one| (share.dimension.code(), one)))
        .map(|(dimension, one)| format!("{dimension} {} {} {}", one.label, one.chosen, one.pool))
        .collect();
    let expected = [
        "nuts2 Sydsverige 1 2",
        "nuts2 Övre Norrland 1 2",
        "lan Skåne län 1 2",
        "lan Norrbottens län 1 2",
        "sizeBand 25_000–49_999 invånare 1 2",
        "sizeBand 50_000–99_999 invånare 0 1",
        "sizeBand 100_000 invånare eller fler 1 1",
    ];
    assert_eq!(told[..7], expected.map(|text| text.replace('_', "\u{a0}")), "{told:#?}");
    assert!(told.contains(&"maturity nivå\u{a0}2 1 2".to_owned()), "{told:#?}");
    let bands = &data.dimensions[2].categories;
    assert_eq!(bands.iter().map(|one| one.is_pool_only).collect::<Vec<_>>(), [false, true, false]);
    for share in &data.dimensions {
        assert_eq!(share.categories.iter().map(|one| one.pool).sum::<usize>(), data.pool);
        assert_eq!(share.categories.iter().map(|one| one.chosen).sum::<usize>(), data.chosen);
    }
}

#[test]
fn its_figures_are_json_with_the_names_of_the_contract() {
    let json = serde_json::to_value(&data(Language::En).dimensions[0]).unwrap();
    let expected = serde_json::json!({
        "dimension": "nuts2",
        "label": "National area (riksområde)",
        "categories": [
            {"category": "SE22", "label": "South Sweden", "pool": 2, "chosen": 1, "isPoolOnly": false},
            {"category": "SE33", "label": "Upper Norrland", "pool": 2, "chosen": 1, "isPoolOnly": false},
        ],
    });
    assert_eq!(json, expected);
}

#[test]
fn a_screen_reader_finds_a_table_for_each_dimension() {
    let svg = distribution(&data(Language::Sv), Language::Sv).unwrap();
    assert_eq!(svg.matches("role=\"table\"").count(), 5);
    for words in [
        "role=\"group\" lang=\"sv\"",
        "<title id=\"distribution-title\">Hur de valda kommunerna fördelar sig (beslutat): Sociala företag &#38; &#60;framåt&#62;</title>",
        "Riksområde: 2 av 2\u{a0}riksområden har någon vald kommun. ",
        "aria-label=\"Folkmängd: 2 av 3\u{a0}storleksklasser har någon vald kommun\"",
        "aria-label=\"0 valda av 1 kvalificerade\"",
        ">1 av 2</text>",
    ] {
        assert!(svg.contains(words), "{words}\n{svg}");
    }
    let svg = distribution(&data(Language::En), Language::En).unwrap();
    for words in
        ["lang=\"en\"", "(decided)", "2 of 2\u{a0}national areas have a chosen kommun", ">1 of 2</text>"]
    {
        assert!(svg.contains(words), "{words}\n{svg}");
    }
}

#[test]
fn what_has_changed_since_the_announcement_is_told() {
    let since = Localized::fixed("Boden har lämnat.", "Boden has left.");
    let svg =
        distribution(&DistributionData { since: Some(since), ..data(Language::Sv) }, Language::Sv).unwrap();
    let words = "Boden har lämnat. Siffrorna visar urvalet som det beslutades.";
    assert!(svg.contains(&format!("{words}</desc>")) && svg.contains(&format!(">{words}</text>")), "{svg}");
}

#[test]
fn its_bytes_are_the_same_each_time_and_need_nothing_from_elsewhere() {
    let svg = distribution(&data(Language::Sv), Language::Sv).unwrap();
    assert_eq!(svg, distribution(&data(Language::Sv), Language::Sv).unwrap());
    for alien in ["NaN", "<script", "<style", " style=", "url("] {
        assert!(!svg.contains(alien), "{alien}");
    }
}
