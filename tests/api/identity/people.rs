//! `/people`.

use diesel::prelude::*;
use samverkan::identity::people::PersonRow;
use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::{Place, SELF, Scope};
use samverkan::platform::db::Db;
use samverkan::schema::{invitations, role_assignments};
use serde_json::json;

use super::*;
use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner, Wish};
use crate::goals::BODEN;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "personId",
    owner: Owner::Kommun,
    make: |_, world| json!(world.maja.client.id()),
    wishes: |world| {
        let role = json!({"role": "attester", "programmeId": world.programme, "kommunkod": BODEN});
        let person = json!({"name": "Ny chef", "email": "chef@boden.example", "role": role});
        vec![Wish::post("/people", person)]
    },
    rows: Some(Rows::by_rule::<PersonRow>()),
}];

/// Everyone sees themself. Staff also see the people they have added or invited, and everyone who has or has had a role in their
/// reach: from when those have logged in or accepted.
impl Rule for PersonRow {
    fn is_visible(&self, db: &mut Db, scope: &Scope) -> bool {
        let held: Vec<(Option<Id>, Option<String>)> = role_assignments::table
            .filter(role_assignments::person_id.eq(self.id))
            .filter(role_assignments::acknowledged_at.is_not_null())
            .select((role_assignments::programme_id, role_assignments::kommunkod))
            .load(db)
            .unwrap();
        let senders: Vec<Id> = invitations::table
            .filter(invitations::invited_id.eq(self.id).and(invitations::acknowledged_at.is_not_null()))
            .select(invitations::person_id)
            .load(db)
            .unwrap();
        let added_by = self.added_by.filter(|_| self.password_set_at.is_some());
        let is_staff = scope.grants.iter().any(|grant| grant.role != SELF);
        scope.grants.iter().any(|grant| match &grant.place {
            Place::Everywhere => true,
            Place::Person(id) => {
                self.id == *id || (is_staff && (added_by == Some(*id) || senders.contains(id)))
            }
            Place::Programme(programme) => held.iter().any(|(there, _)| *there == Some(*programme)),
            Place::Kommun(programme, kommun) => held.contains(&(Some(*programme), Some(kommun.clone()))),
            Place::Owner(_) | Place::Member(..) | Place::Subject(_) | Place::Client(_) => false,
        })
    }
}

both!(a_person_is_added_invited_and_changed, |t| {
    let admin = t.admin();
    let made = admin.post("/people", json!({"name": "Åsa Öberg", "email": "Asa.Oberg@Boden.example"}));
    let sent = made.is(201);
    assert_eq!(
        (sent["name"].as_str(), sent["email"].as_str(), sent["personId"].as_str()),
        (Some("Åsa Öberg"), Some("Asa.Oberg@Boden.example"), None)
    );
    let invitation = format!("/invitations/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}/api/v1{invitation}", t.base).as_str()));
    assert_eq!(admin.get(&invitation).is(200), sent);
    t.link_for("asa.oberg@boden.example");
    let listed = admin.get("/people?q=asa.oberg").is(200);
    assert_eq!(listed["items"][0]["status"], "invited");
    let path = format!("/people/{}", listed["items"][0]["id"].as_str().unwrap());

    let seen = admin.get(&path);
    let changed = admin
        .if_match(&seen)
        .patch(&path, json!({"name": "Åsa Öberg Lind", "email": "asa.lind@boden.example"}));
    assert_eq!(changed.is(200)["name"], "Åsa Öberg Lind");
    t.link_for("asa.lind@boden.example");
    admin.if_match(&seen).patch(&path, json!({"name": "X"})).refused(412, "versionMismatch");
    admin.patch(&path, json!({"name": "X"})).refused(428, "preconditionRequired");
    let found = admin.get("/people?q=%C3%96BERG&status=invited").is(200);
    assert_eq!(found["_meta"]["totalRecords"], 1);
    with_password(t, "Karin", "karin@boden.example");
    let seen = admin.get(&path);
    let taken = admin.if_match(&seen).patch(&path, json!({"email": "Karin@boden.example"}));
    taken.refused(409, "alreadyExists");
});

both!(an_unreadable_name_is_refused, |t| {
    let admin = t.admin();
    let karin = t.person("Karin Öberg", &[]);
    let own = format!("/people/{}", karin.id());
    let seen = karin.get(&own);
    // No letter; right-to-left override; two lines; trailing space; zero-width space; an invisible letter alone.
    for name in
        ["123", "\u{202e}grebÖ nirak", "Karin\nÖberg", "Karin Öberg ", "Karin\u{200b}Öberg", "\u{3164}"]
    {
        let wrong = [
            admin.post("/people", json!({"name": name, "email": "ny@boden.example"})),
            karin.if_match(&seen).patch(&own, json!({"name": name})),
        ];
        for answer in wrong {
            let problem = answer.refused(422, "invalidInput");
            assert_eq!(answer.faults(), [("/name".to_owned(), "notAName".to_owned())], "{name:?}");
            assert!(
                problem["errors"][0]["detail"].as_str().unwrap().contains("osynliga tecken"),
                "{problem}"
            );
        }
    }
    assert_eq!(karin.get(&own).is(200)["name"], "Karin Öberg");
    assert_eq!(admin.get("/people?q=ny%40boden").is(200)["_meta"]["totalRecords"], 0);
});

/// What an answer tells, without what is different in every answer.
fn told(answer: &Response) -> (u16, Value, Vec<String>) {
    let mut body = answer.json().clone();
    for member in ["id", "email", "_links"] {
        body.as_object_mut().unwrap().remove(member);
    }
    let headers = ["content-type", "etag", "location", "content-language"];
    let shape = |name: &str| answer.header(name).map(|value| format!("{name} {}", value.len()));
    (answer.status, body, headers.iter().filter_map(|name| shape(name)).collect())
}

both!(too_much_mail_tells_nothing_of_an_account, |t| {
    let programme = programme(t);
    with_password(t, "Karin Öberg", "karin.o@boden.example");
    log_in(t, "karin.o@boden.example", PASSWORD).is(200);
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let invite = |email: &str| boden.post("/people", json!({"name": "Någon", "email": email})).status;
    let statuses = |email: &str| -> Vec<u16> { (0..12).map(|_| invite(email)).collect() };
    let known = statuses("karin.o@boden.example");
    assert_eq!(known, statuses("ny.person@boden.example"));
    assert_eq!((known[0], known[11]), (201, 429));
});

both!(an_invitation_tells_the_same_of_a_known_and_an_unknown_address, |t| {
    let programme = programme(t);
    let karin = with_password(t, "Karin Öberg", "karin.o@boden.example");
    let disabled = with_password(t, "Nils Strid", "avstangd@boden.example");
    let path = format!("/people/{disabled}");
    t.admin().change_because(&path, "disabled", "Har slutat.").is(200);
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let here = |role: &str| json!({"role": role, "programmeId": programme, "kommunkod": "2582"});
    let roles = [Value::Null, here("attester"), here("kommunReader"), here("registrar"), here("nobody")];
    for role in roles {
        let invite =
            |email: &str| boden.post("/people", json!({"name": "Någon", "email": email, "role": role}));
        // Asking again tells no more.
        for (number, email) in ["karin.o@boden.example", "avstangd@boden.example", "KARIN.O@boden.example"]
            .into_iter()
            .enumerate()
        {
            // An address gets ten mails an hour.
            t.clock.advance(3_600_000);
            let new = format!("ny.{number}.{}@boden.example", role["role"].as_str().unwrap_or("x"));
            let unknown = invite(&new);
            let (once, again) = (invite(email), invite(email));
            let shown = format!("{}{}", once.text, again.text);
            for secret in ["Karin", "Strid", "active", "disabled", &karin.to_string(), &disabled.to_string()]
            {
                assert!(!shown.contains(secret) || email.contains(secret), "{secret} in {shown}");
            }
            if unknown.status == 201 {
                assert_eq!((told(&once), told(&again)), (told(&unknown), told(&unknown)), "{email} {role}");
                assert_ne!(once.id(), again.id());
            } else {
                let faults = |answer: &Response| (answer.status, answer.json_code());
                assert_eq!((faults(&once), faults(&again)), (faults(&unknown), faults(&unknown)), "{email}");
            }
        }
    }
    // Nobody is seen, by id, in a list or by a role.
    for stranger in [karin, disabled] {
        boden.get(&format!("/people/{stranger}")).refused(404, "notFound");
        boden.get(&format!("/people/{stranger}/role-assignments")).refused(404, "notFound");
        boden.post("/invitations", json!({"personId": stranger})).refused(404, "notFound");
    }
    assert_eq!(boden.get("/people").is(200)["_meta"]["totalRecords"], 1);
    // A known person gets a mail without a link, and a disabled one none.
    let mails = |email: &str| t.mails().into_iter().filter(|(to, _)| to == email).collect::<Vec<_>>();
    assert!(mails("karin.o@boden.example").iter().all(|(_, mail)| !mail.contains('#')));
    assert!(mails("karin.o@boden.example").iter().any(|(_, mail)| mail.contains("rollen attestant")));
    assert!(mails("avstangd@boden.example").is_empty());
    // Who has no password yet has never logged in.
    let new = mails("ny.0.attester@boden.example");
    assert!(
        new.iter()
            .all(|(_, mail)| mail.contains("När du väljer ett lösenord") && !mail.contains("next log in"))
    );
    assert!(
        !new.is_empty()
            && mails("karin.o@boden.example").iter().any(|(_, mail)| mail.contains("next log in"))
    );
    assert!(t.mails().iter().all(|(to, _)| !to.contains("samverkan.invalid")));
});

both!(a_person_is_seen_when_they_next_log_in_or_accept, |t| {
    let programme = programme(t);
    let karin = with_password(t, "Karin Öberg", "karin.o@boden.example");
    tokens(&log_in(t, "karin.o@boden.example", PASSWORD));
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let role = json!({"role": "attester", "programmeId": programme, "kommunkod": "2582"});
    let invite = |email: &str, role: &Value| {
        let sent = boden.post("/people", json!({"name": "Chef", "email": email, "role": role}));
        sent.is(201);
        format!("/invitations/{}", sent.id())
    };
    let known = invite("karin.o@boden.example", &role);
    // The role holds at once, and the person is not seen yet.
    t.login(boden.id()).get(&format!("/people/{karin}")).refused(404, "notFound");
    let held: i64 = t.db(|db| {
        role_assignments::table.filter(role_assignments::person_id.eq(karin)).count().get_result(db).unwrap()
    });
    assert_eq!(held, 1);
    assert!(boden.get(&known).is(200)["personId"].is_null());
    tokens(&log_in(t, "karin.o@boden.example", PASSWORD));
    assert_eq!(boden.get(&format!("/people/{karin}")).is(200)["name"], "Karin Öberg");
    assert_eq!(boden.get(&known).is(200)["personId"], json!(karin));
    let roles = boden.get(&format!("/people/{karin}/role-assignments")).is(200);
    assert_eq!(roles["items"][0]["role"], "attester");

    // Without a role too, whether the address was known or not.
    let nils = with_password(t, "Nils Strid", "nils@boden.example");
    let (nils_sent, new_sent) =
        (invite("nils@boden.example", &Value::Null), invite("ny@boden.example", &Value::Null));
    assert!(
        boden.get(&nils_sent).is(200)["personId"].is_null()
            && boden.get(&new_sent).is(200)["personId"].is_null()
    );
    tokens(&log_in(t, "nils@boden.example", PASSWORD));
    let link = t.link_for("ny@boden.example");
    let proof = json!({"token": link.1, "password": PASSWORD});
    t.anonymous().post(&format!("/invitations/{}/acceptance", link.0), proof).is(200);
    boden.get(&format!("/people/{nils}")).is(200);
    let new = boden.get(&new_sent).is(200)["personId"].clone();
    assert_eq!(boden.get(&format!("/people/{}", new.as_str().unwrap())).is(200)["name"], "Chef");
    // An invitation is its sender's.
    t.in_kommun(Role::Coordinator, programme, "2582").get(&new_sent).refused(404, "notFound");
    t.manager(programme).get(&new_sent).refused(404, "notFound");
});

both!(a_role_to_a_person_whom_one_does_not_see_is_like_one_to_nobody, |t| {
    let programme = programme(t);
    let karin = with_password(t, "Karin Öberg", "karin.o@boden.example");
    let nobody = "0175a2e1-7c00-7000-8000-000000000001";
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let manager = t.manager(programme);
    let bodies = [
        json!({"role": "attester", "programmeId": programme, "kommunkod": "2582"}),
        json!({"role": "attester", "kommunkod": "2582", "validFrom": "2020-09-01"}),
        json!({"role": "coordinator", "programmeId": programme, "kommunkod": "9999"}),
        json!({"role": "economist", "programmeId": programme}),
        json!({"role": "x"}),
    ];
    for who in [&boden, &manager] {
        for id in [karin.to_string(), nobody.to_owned()] {
            for body in &bodies {
                who.post(&format!("/people/{id}/role-assignments"), body.clone()).refused(404, "notFound");
            }
        }
    }
});

both!(a_withdrawn_invitation_ends_its_role_and_shows_nobody, |t| {
    let programme = programme(t);
    let wrong = with_password(t, "Fel Person", "fel@boden.example");
    let held = with_password(t, "Karin Öberg", "karin.o@boden.example");
    let (boden, other) = (
        t.in_kommun(Role::Coordinator, programme, "2582"),
        t.in_kommun(Role::Coordinator, programme, "2582"),
    );
    let role = json!({"role": "attester", "programmeId": programme, "kommunkod": "2582"});
    let invite = |by: &Client, email: &str| {
        let sent = by.post("/people", json!({"name": "Chef", "email": email, "role": role}));
        sent.is(201);
        format!("/invitations/{}", sent.id())
    };
    invite(&other, "karin.o@boden.example");
    t.clock.advance(1000);
    for (email, person, is_kept) in
        [("fel@boden.example", wrong, false), ("karin.o@boden.example", held, true)]
    {
        let sent = invite(&boden, email);
        other.post(&format!("{sent}/withdrawal"), Value::Null).refused(404, "notFound");
        let withdrawn = boden.send("POST", &format!("{sent}/withdrawal"), None).is(200).clone();
        assert!(withdrawn["withdrawnAt"].is_string() && withdrawn["personId"].is_null(), "{withdrawn}");
        // Once more changes nothing.
        assert_eq!(boden.send("POST", &format!("{sent}/withdrawal"), None).is(200), withdrawn);
        let today = t.now().day();
        let holds = t.db(|db| {
            let rows = samverkan::identity::roles::unscoped_of_person(db, person).unwrap();
            rows.iter().any(|row| row.holds_on(today))
        });
        assert_eq!(holds, is_kept, "{email}");
        tokens(&log_in(t, email, PASSWORD));
        assert!(boden.get(&sent).is(200)["personId"].is_null());
    }
    boden.get(&format!("/people/{wrong}")).refused(404, "notFound");
    boden.get(&format!("/people/{held}")).is(200);
});

both!(a_role_of_an_invitation_obeys_the_rules_of_roles, |t| {
    let programme = programme(t);
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let with_role = |email: &str, role: Value| {
        let given = json!({"role": role, "programmeId": programme, "kommunkod": "2582"});
        boden.post("/people", json!({"name": "Chef", "email": email, "role": given}))
    };
    let invited = with_role("chef@boden.example", json!("kommunReader")).is(201);
    assert_eq!((&invited["name"], &invited["role"]["role"]), (&json!("Chef"), &json!("kommunReader")));
    t.link_for("chef@boden.example");
    // A refused request leaves nothing behind.
    with_role("ny@boden.example", json!("registrar")).refused(403, "notYours");
    let wrong = json!({"role": "attester", "kommunkod": "2582", "validFrom": "2020-09-01"});
    let wrong = boden.post("/people", json!({"name": "Ny", "email": "ny@boden.example", "role": wrong}));
    wrong.refused(422, "invalidInput");
    assert_eq!(
        wrong.faults(),
        [("/role/programmeId".into(), "wrongPlace".into()), ("/role/validFrom".into(), "inThePast".into())]
    );
    let own = boden.get(&format!("/people/{}", boden.id())).is(200)["email"].clone();
    with_role(own.as_str().unwrap(), json!("attester")).refused(403, "ownWork");
    assert_eq!(t.admin().get("/people?q=ny%40boden").is(200)["items"], json!([]));
    boden.post("/people", json!({"name": "Ny", "email": "ny@boden.example"})).is(201);
});

both!(the_id_of_a_person_tells_no_time, |t| {
    let old = with_password(t, "Karin Öberg", "karin.o@boden.example");
    t.clock.advance(400 * 24 * 3_600_000);
    let new = with_password(t, "Nils Strid", "nils@boden.example");
    let time = |id: Id| id.0.get_timestamp().unwrap().to_unix();
    assert_eq!(time(old), time(new));
});

both!(staff_see_the_people_they_invited_while_they_hold_a_role, |t| {
    let programme = programme(t);
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let sent = boden.post("/people", json!({"name": "Chef", "email": "chef@boden.example"}));
    sent.is(201);
    t.login_as("chef@boden.example");
    let person = boden.get(&format!("/invitations/{}", sent.id())).is(200)["personId"].clone();
    let path = format!("/people/{}", person.as_str().unwrap());
    boden.get(&path).is(200);
    t.in_kommun(Role::Coordinator, programme, "2582").get(&path).refused(404, "notFound");
    let boden_id = boden.id();
    t.write(|tx| {
        for held in samverkan::identity::roles::unscoped_of_person(tx.db, boden_id)? {
            samverkan::identity::roles::end(tx, held, tx.ctx.today().plus_days(-1))?;
        }
        Ok(())
    });
    boden.get(&path).refused(404, "notFound");
});

both!(everyone_reads_and_renames_only_themself, |t| {
    let programme = programme(t);
    let karin = t.in_kommun(Role::Participant, programme, "2582");
    let nils = t.in_kommun(Role::Participant, programme, "2582");
    let own = format!("/people/{}", karin.id());
    let seen = karin.get(&own);
    seen.is(200);
    karin.if_match(&seen).patch(&own, json!({"name": "Karin Lind"})).is(200);
    let seen = karin.get(&own);
    let moved = karin.if_match(&seen).patch(&own, json!({"email": "other@boden.example"}));
    assert!(moved.refused(403, "notYours")["detail"].as_str().unwrap().contains("systemAdmin"));
    nils.get(&own).refused(404, "notFound");
    assert_eq!(nils.get("/people").is(200)["_meta"]["totalRecords"], 1);
    nils.post("/people", json!({"name": "N", "email": "n@boden.example"})).refused(403, "forbidden");
    t.anonymous().get("/people").refused(401, "unauthenticated");
});

both!(a_coordinator_sees_only_the_own_kommun, |t| {
    let programme = programme(t);
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let lulea = t.in_kommun(Role::Participant, programme, "2580");
    let own = t.in_kommun(Role::Participant, programme, "2582");
    boden.get(&format!("/people/{}", own.id())).is(200);
    boden.get(&format!("/people/{}", lulea.id())).refused(404, "notFound");
    boden.get(&format!("/people/{}/role-assignments", lulea.id())).refused(404, "notFound");
    boden.post("/invitations", json!({"personId": lulea.id()})).refused(404, "notFound");
    let manager = t.manager(programme);
    let seen = manager.get(&format!("/people/{}", lulea.id()));
    seen.is(200);
    let path = format!("/people/{}", lulea.id());
    manager.if_match(&seen).patch(&path, json!({"name": "X"})).refused(403, "notYours");
    manager.change_because(&path, "disabled", "x").refused(403, "forbidden");
});

both!(a_disabled_person_is_refused_at_once_and_can_be_activated_again, |t| {
    let admin = t.admin();
    let karin = t.person("Karin", &[]);
    let path = format!("/people/{}", karin.id());
    karin.get("/me").is(200);
    admin.change(&path, "disabled").refused(422, "invalidInput");
    let disabled = admin.change_because(&path, "disabled", "Har slutat.").is(200);
    assert_eq!(
        disabled["allowedTransitions"],
        json!([{"to": "active", "requiresComment": true, "requires": []}])
    );
    karin.get("/me").refused(401, "unauthenticated");
    admin.change_because(&path, "disabled", "igen").refused(409, "transitionNotAllowed");
    admin.change_because(&path, "active", "Kom tillbaka.").is(200);
    karin.get("/me").refused(401, "unauthenticated");
    let history = admin.get(&format!("{path}/status-changes")).is(200);
    let steps: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(steps, ["active", "disabled", "active"]);
    let own = format!("/people/{}", admin.id());
    admin.change_because(&own, "disabled", "Jag slutar.").refused(403, "ownWork");
});

both!(no_personal_data_in_query_strings_and_cursors, |t| {
    let admin = t.admin();
    for number in 0..7 {
        t.person(&format!("Namnsdag {}", number % 3), &[]);
    }
    admin.get("/people?email=person1@example.org").refused(400, "invalidQuery");
    admin.get("/people?sort=email").refused(400, "invalidQuery");
    for sort in ["name", "-name", "-createdAt,name"] {
        let whole = admin.get(&format!("/people?sort={sort}")).is(200);
        let ids = |page: &Value| -> Vec<Value> {
            page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
        };
        let (mut walked, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("/people?sort={sort}&limit=2&cursor={cursor}")).is(200);
            walked.extend(ids(&page));
            match page["_meta"]["nextCursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
            use base64::Engine as _;
            let told = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&cursor).unwrap();
            assert!(!String::from_utf8(told).unwrap().to_lowercase().contains("namn"));
        }
        assert_eq!(walked, ids(&whole), "{sort}");
    }
    // Cursors in another format than ours.
    for forged in [
        "[\"a\",\"0175a2e1-7c00-7000-8000-000000000001\"]",
        "[null,\"0175a2e1-7c00-7000-8000-000000000001\"]",
    ] {
        use base64::Engine as _;
        let cursor = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(forged);
        let refused = admin.get(&format!("/people?cursor={cursor}"));
        refused.refused(400, "invalidQuery");
        assert_eq!(refused.faults(), [("cursor".into(), "invalidValue".into())]);
    }
});

both!(two_administrators_cannot_disable_each_other_at_the_same_time, |t| {
    let (one, two) = (t.admin(), t.admin());
    let disable = |who: &Client, whom: &Client| {
        let path = format!("/people/{}", whom.id());
        who.change_because(&path, "disabled", "Har slutat.").status
    };
    let statuses = std::thread::scope(|scope| {
        let first = scope.spawn(|| disable(&one, &two));
        let second = scope.spawn(|| disable(&two, &one));
        let mut both = [first.join().unwrap(), second.join().unwrap()];
        both.sort_unstable();
        both
    });
    // The second request is refused, or its caller is already disabled.
    assert_eq!(statuses[0], 200);
    assert!([401, 409].contains(&statuses[1]), "{statuses:?}");
});

both!(errors_in_the_input_are_refused_before_the_version, |t| {
    let admin = t.admin();
    let karin = t.person("Karin", &[]);
    let path = format!("/people/{}/status-changes", karin.id());
    let stale = admin.header("If-Match", "\"9-0\"");
    stale.post(&path, json!({"to": "disabled"})).refused(422, "invalidInput");
    stale.post(&path, json!({"to": "disabled", "comment": "Slut."})).refused(412, "versionMismatch");
    stale.post(&path, json!({"to": "active", "comment": "Åter."})).refused(412, "versionMismatch");
    admin.post(&path, json!({"to": "active", "comment": "Åter."})).refused(409, "transitionNotAllowed");
});

both!(an_atomic_batch_disables_all_or_none, |t| {
    let admin = t.admin();
    let (karin, nils) = (t.person("Karin", &[]), t.person("Nils", &[]));
    let item = |id: Id| json!({"id": id, "to": "disabled", "comment": "Avslutat."});
    let body = json!({"atomic": true, "items": [item(karin.id()), item(admin.id())]});
    let result = admin.post("/people/status-changes/batch", body).is(200);
    assert_eq!(
        (result["isKept"].as_bool(), result["items"][1]["problem"]["code"].as_str()),
        (Some(false), Some("ownWork"))
    );
    karin.get("/me").is(200);
    let body = json!({"items": [item(karin.id()), item(nils.id())]});
    assert_eq!(admin.post("/people/status-changes/batch", body).is(200)["succeeded"], 2);
    nils.get("/me").refused(401, "unauthenticated");
});

both!(an_administrators_change_of_address_ends_the_sessions, |t| {
    let karin = with_password(t, "Karin Öberg", "karin@boden.example");
    let (access, refresh) = tokens(&log_in(t, "karin@boden.example", PASSWORD));
    let admin = t.admin();
    let change = |id: Id, email: &str| {
        let path = format!("/people/{id}");
        admin.if_match(&admin.get(&path)).patch(&path, json!({"email": email})).is(200);
    };
    change(karin, "karin.ny@boden.example");
    with_token(t, &access).get("/me").refused(401, "unauthenticated");
    renew(t, &refresh).refused(400, "invalidGrant");
    let (access, _) = tokens(&log_in(t, "karin.ny@boden.example", PASSWORD));
    let ended = with_token(t, &access).get("/sessions").is(200);
    assert!(ended["items"].as_array().unwrap().iter().any(|one| one["endedReason"] == "emailChanged"));
    // Administrators who change their own address stay logged in where they do it.
    change(admin.id(), "rot.ny@skr.example");
    admin.get("/me").is(200);
});
