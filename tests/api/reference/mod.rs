//! The register of kommuner and län, and the code lists: open to anyone, the same on both databases.

pub mod register_years;

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use crate::both;
use crate::contract::world::{Offer, Owner};
use crate::goals::BODEN;
use crate::support::property;

pub const OFFERS: &[&[Offer]] = &[
    &[
        Offer { parameter: "kommunkod", owner: Owner::Anyone, make: |_, _| json!(BODEN), ..Offer::NONE },
        Offer { parameter: "name", owner: Owner::Anyone, make: |_, _| json!("roles"), ..Offer::NONE },
    ],
    register_years::OFFERS,
];

both!(the_register_is_open_to_anyone, |t| {
    let list = t.anonymous().get("/kommuner?limit=300&sort=name").is(200);
    assert_eq!(list["_meta"]["totalRecords"], 290);
    let names: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|k| k["name"].as_str().unwrap()).collect();
    assert_eq!((names.first(), names.last()), (Some(&"Ale"), Some(&"Övertorneå")));
    let boden = t.anonymous().get("/kommuner/2582").is(200);
    assert_eq!((boden["name"].as_str(), boden["lanName"].as_str()), (Some("Boden"), Some("Norrbottens län")));
    t.anonymous().get("/kommuner/9999").refused(404, "notFound");
    assert_eq!(t.anonymous().get("/lan").is(200)["_meta"]["totalRecords"], 21);
    assert_eq!((boden["skrGroup"].as_str(), boden["population"].as_i64()), (Some("B5"), Some(28_080)));
    let same = t.anonymous().get(&format!("/kommuner/{}", boden["id"].as_str().unwrap())).is(200);
    assert_eq!(same, boden);
    let groups = t.anonymous().get("/code-lists/skrGroups").is(200);
    let b5 = groups["items"].as_array().unwrap().iter().find(|group| group["code"] == "B5").unwrap();
    assert_eq!(b5["labelSv"], "Lågpendlingskommun nära större stad");
    assert_eq!(t.anonymous().get("/code-lists/nuts2Areas").is(200)["items"].as_array().unwrap().len(), 8);
    assert!(t.anonymous().get("/code-lists").is(200)["items"].as_array().unwrap().len() > 5);
});

both!(lan_have_the_common_fields_and_their_codes_as_filter_values, |t| {
    let lan = t.anonymous().get("/lan?nuts2=SE33&updatedSince=2020-01-01T00:00:00Z").is(200);
    assert_eq!(lan["_meta"]["totalRecords"], 2);
    for member in ["id", "createdAt", "updatedAt", "version", "_links"] {
        assert!(!lan["items"][0][member].is_null(), "{member}");
    }
    // The filter accepts exactly the codes of the register.
    let all = t.anonymous().get("/lan?limit=100").is(200);
    let codes: Vec<&str> =
        all["items"].as_array().unwrap().iter().map(|lan| lan["lanCode"].as_str().unwrap()).collect();
    for code in (0..100).map(|code| format!("{code:02}")) {
        let answer = t.anonymous().get(&format!("/kommuner?lanCode={code}"));
        assert_eq!(answer.status, if codes.contains(&code.as_str()) { 200 } else { 400 }, "{code}");
    }
    let later = "/kommuner?updatedSince=2100-01-01T00:00:00Z";
    assert_eq!(t.anonymous().get(later).is(200)["_meta"]["totalRecords"], 0);
    t.anonymous().get("/kommuner?skrGroup=D1").refused(400, "invalidQuery");
});

both!(pages_and_cursors_give_the_same_rows, |t| {
    let by_page =
        |page: u32| t.anonymous().get(&format!("/kommuner?limit=100&sort=-population&page={page}")).is(200);
    let paged: Vec<String> = (1..=3)
        .flat_map(|page| by_page(page)["items"].as_array().unwrap().clone())
        .map(|kommun| kommun["kommunkod"].as_str().unwrap().to_owned())
        .collect();
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = t.anonymous().get(&format!("/kommuner?limit=37&sort=-population&cursor={cursor}")).is(200);
        let items = page["items"].as_array().unwrap();
        walked.extend(items.iter().map(|kommun| kommun["kommunkod"].as_str().unwrap().to_owned()));
        match page["_meta"]["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(paged.len(), 290);
    assert_eq!(paged, walked);
});

both!(a_page_links_to_itself_and_its_neighbours, |t| {
    let links = |query: &str| {
        let page = t.anonymous().get(&format!("/kommuner?{query}")).is(200);
        let link = |link: &Value| {
            let (_, query) = link["href"].as_str().unwrap().split_once("/api/v1/kommuner?").unwrap();
            (link["rel"].as_str().unwrap().to_owned(), query.to_owned())
        };
        page["_links"].as_array().unwrap().iter().map(link).collect::<Vec<_>>()
    };
    let expected = |all: &[(&str, &str)]| {
        all.iter().map(|(rel, query)| ((*rel).to_owned(), (*query).to_owned())).collect::<Vec<_>>()
    };
    let wanted =
        [("self", "page=2"), ("first", "page=1"), ("prev", "page=1"), ("next", "page=3"), ("last", "page=3")];
    let wanted = wanted.map(|(rel, page)| (rel, format!("limit=100&{page}")));
    let wanted: Vec<(&str, &str)> = wanted.iter().map(|(rel, query)| (*rel, query.as_str())).collect();
    assert_eq!(links("page=2&limit=100"), expected(&wanted));
    // Beyond the end, `prev` is the last page with rows.
    let beyond = links("page=99&limit=100");
    assert!(beyond.contains(&("prev".to_owned(), "limit=100&page=3".to_owned())), "{beyond:?}");
    assert!(!links("page=2&q=nowhere").iter().any(|(rel, query)| rel == "next" || query.contains("page=0")));
    let none = links("page=7&q=nowhere");
    assert!(none.contains(&("prev".to_owned(), "q=nowhere&page=1".to_owned())), "{none:?}");
    // With a cursor, a page links to itself and the next.
    let first = links("limit=200&cursor=");
    assert_eq!((first.len(), first[0].clone()), (2, ("self".to_owned(), "limit=200&cursor=".to_owned())));
    assert_eq!(first[1].0, "next");
    let last = links(&first[1].1);
    assert_eq!(last, [("self".to_owned(), first[1].1.clone())]);
});

both!(filters_search_and_selected_fields, |t| {
    let anyone = t.anonymous();
    let found = anyone.get("/kommuner?lanCode=25&lanCode=24&fields=kommunkod,name&limit=100").is(200);
    assert_eq!(found["_meta"]["totalRecords"], 29);
    assert_eq!(found["items"][0].as_object().unwrap().len(), 2);
    assert_eq!(anyone.get("/kommuner?q=boden").is(200)["_meta"]["totalRecords"], 1);
    assert_eq!(anyone.get("/kommuner?q=%25").is(200)["_meta"]["totalRecords"], 0);
    assert_eq!(anyone.get("/kommuner?page=99").is(200)["_meta"]["count"], 0);
    let faults =
        anyone.get("/kommuner?colour=blue&limit=0&sort=colour&sizeBand=huge&populationFrom=many").faults();
    let places: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(places, ["colour", "limit", "populationFrom", "sizeBand", "sort"]);
});

both!(an_unchanged_response_is_304, |t| {
    let first = t.anonymous().get("/kommuner/2582");
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(t.anonymous().header("If-None-Match", &etag).get("/kommuner/2582").status, 304);
});

/// The query of one case: län, least and greatest population, sort, page size.
type Query = (Vec<usize>, Option<i64>, Option<i64>, usize, usize);

const SORTS: [&str; 4] = ["kommunkod", "-kommunkod", "population", "-population"];
const LAN: [&str; 4] = ["01", "14", "24", "25"];

/// The matching kommuner, filtered and sorted in memory.
fn expected(all: &[Value], (lan, from, to, sort, _): &Query) -> Vec<String> {
    let population = |kommun: &Value| kommun["population"].as_i64().unwrap();
    let code = |kommun: &Value| kommun["kommunkod"].as_str().unwrap().to_owned();
    let mut found: Vec<&Value> = all
        .iter()
        .filter(|kommun| lan.is_empty() || lan.iter().any(|index| kommun["lanCode"] == LAN[*index]))
        .filter(|kommun| from.is_none_or(|from| population(kommun) >= from))
        .filter(|kommun| to.is_none_or(|to| population(kommun) <= to))
        .collect();
    found.sort_by_key(|kommun| match *sort {
        0 => (0, code(kommun)),
        1 => (0, code(kommun)),
        _ => (population(kommun), code(kommun)),
    });
    if matches!(*sort, 1 | 3) {
        found.reverse();
    }
    found.into_iter().map(code).collect()
}

/// The kommuner that the API gives, page by page with the cursor.
fn walked(t: &crate::support::TestApp, (lan, from, to, sort, limit): &Query) -> Vec<String> {
    let mut query = format!("/kommuner?sort={}&limit={limit}", SORTS[*sort]);
    lan.iter().for_each(|index| query.push_str(&format!("&lanCode={}", LAN[*index])));
    from.iter().for_each(|from| query.push_str(&format!("&populationFrom={from}")));
    to.iter().for_each(|to| query.push_str(&format!("&populationTo={to}")));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = t.anonymous().get(&format!("{query}&cursor={cursor}")).is(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= *limit);
        found.extend(items.iter().map(|kommun| kommun["kommunkod"].as_str().unwrap().to_owned()));
        match page["_meta"]["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return found,
        }
    }
}

both!(every_query_gives_the_kommuner_that_match, |t| {
    let all = t.anonymous().get("/kommuner?limit=300").is(200)["items"].as_array().unwrap().clone();
    let population = proptest::option::of(0..200_000_i64);
    let asked =
        (subsequence(vec![0, 1, 2, 3], 0..=4), population.clone(), population, 0..4_usize, 5..120_usize);
    property(24, &asked, |asked| {
        prop_assert_eq!(walked(t, &asked), expected(&all, &asked));
        Ok(())
    });
});
