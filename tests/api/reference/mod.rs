//! The register: open to anyone, the same on both databases.

use crate::both;

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
    assert!(t.anonymous().get("/code-lists").is(200)["items"].as_array().unwrap().len() > 5);
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

both!(filters_search_and_fields, |t| {
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

both!(an_unchanged_answer_is_304, |t| {
    let first = t.anonymous().get("/kommuner/2582");
    let etag = first.header("etag").unwrap().to_owned();
    assert_eq!(t.anonymous().header("If-None-Match", &etag).get("/kommuner/2582").status, 304);
});
