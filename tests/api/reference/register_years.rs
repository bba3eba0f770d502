//! Register years: an administrator adds one, `/kommuner` shows it, and the older ones stay.

use diesel::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::schema::kommuner;
use serde_json::{Value, json};

use crate::both;
use crate::contract::world::{Offer, Owner, Wish};
use crate::goals::BODEN;
use crate::programmes::draft;
use crate::support::Client;
use crate::team::with;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "year",
    owner: Owner::Anyone,
    make: |t, _| {
        t.admin().post("/register-years", next_year(&t.anonymous(), 2020)).is(201);
        json!("2020")
    },
    wishes: |world| {
        let next = with(next_year(&world.manager, 2021), json!({"populationOn": "2021-01-01"}));
        let right = json!({"source": "SCB, rättad.", "kommuner": next["kommuner"]});
        vec![Wish::post("/register-years", next), Wish::put("/register-years/2020", right)]
    },
    ..Offer::NONE
}];

/// Every kommun with a hundred inhabitants more than the register has; Boden has 9,999.
pub fn next_year(reader: &Client, year: i32) -> Value {
    let list = reader.get("/kommuner?limit=300").is(200);
    let kommun = |kommun: &Value| {
        let more = kommun["population"].as_i64().unwrap() + 100;
        let population = if kommun["kommunkod"] == BODEN { 9_999 } else { more };
        json!({"kommunkod": kommun["kommunkod"], "population": population})
    };
    let kommuner: Vec<Value> = list["items"].as_array().unwrap().iter().map(kommun).collect();
    json!({"year": year, "source": format!("SCB, folkmängd 31 december {year}."), "kommuner": kommuner})
}

fn at<'v>(year: &'v Value, kommunkod: &str) -> &'v Value {
    let kommuner = year["kommuner"].as_array().unwrap();
    kommuner.iter().find(|kommun| kommun["kommunkod"] == kommunkod).unwrap()
}

both!(an_administrator_adds_a_year_and_the_older_one_stays, |t| {
    let (admin, anyone) = (t.admin(), t.anonymous());
    let first = anyone.get("/register-years").is(200);
    assert_eq!((&first["_meta"]["totalRecords"], &first["items"][0]["year"]), (&json!(1), &json!(2019)));
    let before = anyone.get("/kommuner/2582");
    t.at("2021-03-01");
    let body = next_year(&t.anonymous(), 2020);
    let added = admin.post("/register-years", body.clone());
    assert_eq!(added.is(201)["populationOn"], "2020-12-31");
    assert!(added.header("location").unwrap().ends_with("/register-years/2020"));
    // The register shows it, in its size band, and as changed.
    let after = anyone.get("/kommuner/2582");
    let boden = after.is(200);
    assert_eq!((&boden["population"], &boden["populationYear"]), (&json!(9_999), &json!(2020)));
    assert_eq!((&boden["sizeBand"], &boden["version"]), (&json!("under10k"), &json!(2)));
    assert_eq!((&boden["skrGroup"], &boden["skrGroupYear"]), (&json!("B5"), &json!(2023)), "they stay");
    assert_ne!(before.header("etag"), after.header("etag"));
    let since = format!(
        "/kommuner?sizeBand=under10k&updatedSince={}&limit=300",
        boden["updatedAt"].as_str().unwrap()
    );
    let changed = anyone.get(&since).is(200);
    assert!(changed["items"].as_array().unwrap().iter().any(|kommun| kommun["kommunkod"] == BODEN));
    // Both years can be read, each with its own facts.
    let years = anyone.get("/register-years").is(200);
    let listed: Vec<(&Value, &Value)> =
        years["items"].as_array().unwrap().iter().map(|year| (&year["year"], &year["isNewest"])).collect();
    assert_eq!(listed, [(&json!(2020), &json!(true)), (&json!(2019), &json!(false))]);
    assert!(years["items"][0]["kommuner"].is_null());
    let old = anyone.get("/register-years/2019").is(200);
    assert_eq!(
        (&at(&old, BODEN)["population"], &at(&old, BODEN)["sizeBand"]),
        (&json!(28_080), &json!("from25kTo50k"))
    );
    let new = anyone.get("/register-years/2020").is(200);
    assert_eq!((new["kommuner"].as_array().unwrap().len(), &at(&new, BODEN)["name"]), (290, &json!("Boden")));
    anyone.get("/register-years/2018").refused(404, "notFound");
    // It is in the trail, and the verification knows that the register is as it says.
    let trail = admin.get("/audit-events?resourceType=registerYear").is(200);
    assert_eq!(trail["items"][0]["action"], "registerYear.created");
    assert!(t.trail_faults().is_empty(), "{:?}", t.trail_faults());
    t.db(|db| {
        let boden = kommuner::table.find(BODEN);
        diesel::update(boden).set(kommuner::population.eq(28_080)).execute(db).unwrap();
    });
    assert!(!t.trail_faults().is_empty(), "a kommun that is not as the year says");
});

both!(a_classification_of_skr_comes_with_a_year, |t| {
    t.at("2024-03-01");
    let mut body = next_year(&t.anonymous(), 2023);
    body["skrGroupYear"] = json!(2024);
    body["kommuner"][0]["skrGroup"] = json!("A2");
    let kommunkod = body["kommuner"][0]["kommunkod"].as_str().unwrap().to_owned();
    let year = t.admin().post("/register-years", body).is(201);
    assert_eq!(
        (&at(&year, &kommunkod)["skrGroup"], &at(&year, &kommunkod)["skrGroupYear"]),
        (&json!("A2"), &json!(2024))
    );
    assert_eq!((&at(&year, BODEN)["skrGroupYear"], &year["skrGroupYear"]), (&json!(2023), &json!(2024)));
    let kommun = t.anonymous().get(&format!("/kommuner/{kommunkod}")).is(200);
    assert_eq!((&kommun["skrGroup"], &kommun["skrGroupYear"]), (&json!("A2"), &json!(2024)));
});

both!(a_dry_run_of_a_year_keeps_nothing, |t| {
    t.at("2021-03-01");
    let body = with(next_year(&t.anonymous(), 2020), json!({"dryRun": true}));
    let admin = t.admin().header("Idempotency-Key", "2020");
    let shown = admin.post("/register-years", body.clone()).is(200);
    assert_eq!((&shown["year"], &at(&shown, BODEN)["sizeBand"]), (&json!(2020), &json!("under10k")));
    assert_eq!(t.anonymous().get("/register-years").is(200)["_meta"]["totalRecords"], 1);
    assert_eq!(t.anonymous().get("/kommuner/2582").is(200)["population"], 28_080);
    // The key is free for the real one.
    admin.post("/register-years", with(body, json!({"dryRun": false}))).is(201);
});

both!(every_error_of_a_year_is_named, |t| {
    t.at("2021-03-01");
    let mut wrong = next_year(&t.anonymous(), 2020);
    wrong["populationOn"] = json!("2021-12-31");
    wrong["skrGroupYear"] = json!(2023);
    wrong["kommuner"][3]["kommunkod"] = json!("9999");
    wrong["kommuner"][5]["kommunkod"] = wrong["kommuner"][4]["kommunkod"].clone();
    wrong["kommuner"][7]["population"] = json!(0);
    let refusal = t.admin().post("/register-years", wrong.clone());
    refusal.refused(422, "invalidInput");
    let mut faults = refusal.faults();
    faults.sort();
    // What cannot be read hides nothing.
    wrong["kommuner"][8]["skrGroup"] = json!("Z9");
    wrong["kommuner"][9] = json!({"kommunkod": wrong["kommuner"][9]["kommunkod"]});
    let more = t.admin().post("/register-years", wrong.clone()).faults();
    for (pointer, code) in [
        ("/kommuner", "missing"),
        ("/kommuner/3/kommunkod", "unknownKommun"),
        ("/kommuner/5/kommunkod", "notUnique"),
        ("/kommuner/8/skrGroup", "unknownValue"),
        ("/kommuner/9/population", "required"),
    ] {
        assert!(more.contains(&(pointer.to_owned(), code.to_owned())), "{more:?}");
    }
    // Which kommun is missing nobody knows when one has no code, nor of which day a year without days is.
    wrong["kommuner"][3]["kommunkod"] = json!("ABC");
    wrong["year"] = json!(1999);
    let less = t.admin().post("/register-years", wrong).faults();
    for (pointer, code) in [("/kommuner", "missing"), ("/populationOn", "otherYear")] {
        assert!(!less.contains(&(pointer.to_owned(), code.to_owned())), "{less:?}");
    }
    let expected = [
        ("/kommuner", "missing"),
        ("/kommuner/3/kommunkod", "unknownKommun"),
        ("/kommuner/5/kommunkod", "notUnique"),
        ("/kommuner/7/population", "tooSmall"),
        ("/populationOn", "inTheFuture"),
        ("/populationOn", "otherYear"),
        ("/skrGroupYear", "notAllowed"),
    ];
    assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    // The same year twice, and one that is older than the newest.
    t.admin().post("/register-years", next_year(&t.anonymous(), 2020)).is(201);
    t.admin().post("/register-years", next_year(&t.anonymous(), 2020)).refused(409, "alreadyExists");
    let older = with(next_year(&t.anonymous(), 2018), json!({"year": 2018}));
    t.admin().post("/register-years", older).refused(409, "stateConflict");
});

both!(only_an_administrator_adds_a_year, |t| {
    t.at("2021-03-01");
    let body = next_year(&t.anonymous(), 2020);
    let programme = draft(t);
    t.manager(programme).post("/register-years", body.clone()).refused(403, "forbidden");
    t.in_kommun(Role::Coordinator, programme, BODEN)
        .post("/register-years", body.clone())
        .refused(403, "forbidden");
    t.anonymous().post("/register-years", body).refused(401, "unauthenticated");
    assert_eq!(t.anonymous().get("/register-years").is(200)["_meta"]["totalRecords"], 1);
});

both!(of_two_years_at_once_both_or_one_count, |t| {
    t.at("2022-03-01");
    let bodies =
        [next_year(&t.anonymous(), 2020), next_year(&t.anonymous(), 2020), next_year(&t.anonymous(), 2021)];
    let admin = t.admin();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = bodies
            .iter()
            .map(|body| {
                let admin = &admin;
                scope.spawn(move || admin.post("/register-years", body.clone()).status)
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    let years = t.anonymous().get("/register-years").is(200);
    let added = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(years["_meta"]["totalRecords"], added + 1);
    let newest = t.anonymous().get("/kommuner/2582").is(200);
    assert_eq!(newest["populationYear"], years["items"][0]["year"]);
    assert!(t.trail_faults().is_empty(), "{:?}", t.trail_faults());
});

both!(the_newest_year_can_be_corrected_and_no_other, |t| {
    t.at("2022-03-01");
    let (admin, path) = (t.admin(), "/register-years/2020");
    let body = next_year(&t.anonymous(), 2020);
    admin.post("/register-years", body.clone()).is(201);
    let mut right = json!({"source": "SCB, rättad.", "kommuner": body["kommuner"]});
    let boden =
        right["kommuner"].as_array_mut().unwrap().iter_mut().find(|kommun| kommun["kommunkod"] == BODEN);
    boden.unwrap()["population"] = json!(28_048);
    let seen = admin.get(path);
    assert!(seen.is(200)["_links"].as_array().unwrap().iter().any(|link| link["method"] == "PUT"));
    admin.put(path, right.clone()).refused(428, "preconditionRequired");
    let corrected = admin.if_match(&seen).put(path, right.clone());
    assert_eq!(
        (&at(&corrected.is(200), BODEN)["population"], &corrected.json()["version"]),
        (&json!(28_048), &json!(2))
    );
    let kommun = t.anonymous().get("/kommuner/2582").is(200);
    assert_eq!(
        (&kommun["population"], &kommun["sizeBand"], &kommun["version"]),
        (&json!(28_048), &json!("from25kTo50k"), &json!(3))
    );
    // The same again changes nothing.
    admin.if_match(&corrected).put(path, right.clone()).is(200);
    assert_eq!(t.anonymous().get("/kommuner/2582").is(200)["version"], 3);
    assert!(t.trail_faults().is_empty(), "{:?}", t.trail_faults());
    let mut wrong = right.clone();
    wrong["kommuner"][0]["kommunkod"] = json!("9999");
    admin.if_match(&corrected).put(path, wrong).refused(422, "invalidInput");
    t.manager(draft(t)).if_match(&corrected).put(path, right.clone()).refused(403, "forbidden");
    // An older one, and the one that the program brings, stand.
    admin.post("/register-years", next_year(&t.anonymous(), 2021)).is(201);
    for older in [path, "/register-years/2019"] {
        let seen = admin.get(older);
        admin.if_match(&seen).put(older, right.clone()).refused(409, "stateConflict");
        assert!(!seen.is(200)["_links"].as_array().unwrap().iter().any(|link| link["method"] == "PUT"));
    }
});
