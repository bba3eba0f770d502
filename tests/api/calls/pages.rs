//! The pages `/verification` and `/avsiktsforklaringar/{id}`.

use samverkan::platform::ids::Id;

use super::applications::{express, path_of};
use super::avsiktsforklaringar::{CHAIR, Call, DIRECTOR, Letter};
use crate::both;
use crate::goals::BODEN;
use crate::identity::{PASSWORD, log_in};
use crate::programmes::open;
use crate::support::{Response, TestApp};

const CONTACT: &str = "strateg@boden.example";

/// Expresses interest and confirms it on the page: the code in the mail, the application's path, and the page.
fn confirm(t: &TestApp, programme: Id, email: &str, password: &str) -> (String, String, Response) {
    t.clock.advance(1000); // The mails have an order.
    let path = path_of(&express(t, programme, BODEN, email));
    let (id, token) = t.link_for(email);
    let mail = t.mails().into_iter().rfind(|(to, _)| to == email).unwrap().1;
    assert!(mail.contains(&format!("https://app.example.org/verification#{id}.{token}\n")), "{mail}");
    assert!(mail.contains(&format!("är det den här: {id}.{token}\n")), "{mail}");
    let code = format!("{id}.{token}");
    let page = t.anonymous().form("//verification", &[("code", &code), ("password", password)]);
    (code, path, page)
}

both!(an_interest_is_confirmed_on_the_page, |t| {
    let programme = open(t);
    let (_, _, without) = confirm(t, programme, CONTACT, "");
    without.shows(422, &["id=\"password-fault\"", "Välj ett lösenord för det nya kontot."]);
    let (_, _, weak) = confirm(t, programme, CONTACT, "kort");
    assert!(weak.status == 422 && weak.text.contains("id=\"password-fault\""), "{}", weak.text);
    let (_, path, done) = confirm(t, programme, CONTACT, PASSWORD);
    assert!(done.status == 200 && done.text.contains("Anmälan har kommit in"), "{}", done.text);
    log_in(t, CONTACT, PASSWORD).is(200);
    assert_eq!(t.manager(programme).get(&path).is(200)["status"], "submitted");

    // The kommun has an interest already, and so has this address an account: no password is needed.
    let (code, _, merged) = confirm(t, programme, CONTACT, "");
    assert!(merged.status == 200 && merged.text.contains("anteckning"), "{}", merged.text);
    let again = t.anonymous().form("//verification", &[("code", &code)]);
    assert!(again.status == 410 && again.text.contains("id=\"code-fault\""), "{}", again.text);
});

/// A letter that waits for two signers, who have accepted their invitations on the page.
fn invited_to_sign(t: &TestApp) -> (Call, Letter) {
    let call = Call::new(t);
    let letter = call.sent();
    for signer in [DIRECTOR, CHAIR] {
        let (id, token) = t.link_for(signer);
        let code = format!("{id}.{token}");
        let chosen = t.anonymous().form("//invitation", &[("code", &code), ("password", PASSWORD)]);
        assert_eq!(chosen.status, 200, "{}", chosen.text);
    }
    (call, letter)
}

/// Posts the form of the letter's page.
fn post(t: &TestApp, letter: &Letter, who: &str, more: &[(&str, &str)]) -> Response {
    let fields = [&[("email", who), ("password", PASSWORD)], more].concat();
    t.anonymous().form(&format!("/{}", letter.0), &fields)
}

/// The value of a hidden field.
fn hidden<'t>(page: &'t Response, name: &str) -> &'t str {
    let begin = format!("name=\"{name}\" value=\"");
    page.text
        .split(&begin)
        .nth(1)
        .unwrap_or_else(|| panic!("{name}: {}", page.text))
        .split('"')
        .next()
        .unwrap()
}

both!(both_signers_read_and_sign_on_the_page, |t| {
    let (call, letter) = invited_to_sign(t);
    let address = format!("https://app.example.org{}", letter.0);
    assert!(t.mails().iter().any(|(to, mail)| to == DIRECTOR && mail.contains(&address)));
    let text = letter.seen_by(&call.applicant)["text"].as_str().unwrap().to_owned();
    let first_line = text.lines().next().unwrap();
    for (signer, role) in [(DIRECTOR, "kommunchef"), (CHAIR, "kommunstyrelsens ordförande")] {
        let page = post(t, &letter, signer, &[]);
        let offered = ["har inte undertecknat", "value=\"sign\"", "value=\"decline\""];
        page.shows(200, &[&[first_line, role], &offered[..]].concat());
        assert_eq!(hidden(&page, "email"), signer);
        let sha256 = hidden(&page, "sha256").to_owned();
        let wrong = t.anonymous().form(
            &format!("/{}", letter.0),
            &[("email", signer), ("password", "fel lösenord 123"), ("step", "sign"), ("sha256", &sha256)],
        );
        wrong.shows(400, &["hör inte ihop", "name=\"email\""]);
        let signed = post(t, &letter, signer, &[("step", "sign"), ("sha256", &sha256)]);
        signed.shows(200, &["Din underskrift är sparad", "undertecknade 2020-11-"]);
        assert!(!signed.text.contains("value=\"sign\""), "nobody signs twice: {}", signed.text);
    }
    let received = letter.seen_by(&call.manager);
    assert_eq!(
        (&received["status"], received["signatures"].as_array().unwrap().len()),
        (&"received".into(), 2)
    );
    // The trail names the signer, and no session is left open.
    let trail = format!("/audit-events?resourceType=signature&programmeId={}&limit=10", call.programme);
    let events = call.manager.get(&trail).is(200)["items"].as_array().unwrap().clone();
    let made =
        |event: &serde_json::Value| (event["actorKind"] == "person", event["actorRole"] == "signatory");
    assert_eq!(events.iter().map(made).collect::<Vec<_>>(), [(true, true); 2], "{events:#?}");
    let (access, _) = crate::identity::tokens(&log_in(t, DIRECTOR, PASSWORD));
    let own = t.anonymous().header("Authorization", &format!("Bearer {access}")).get("/sessions").is(200);
    let lasts = |session: &&serde_json::Value| session["endedAt"].is_null();
    let open = own["items"].as_array().unwrap().iter().filter(lasts).count();
    assert_eq!(open, 1, "{own:#}");
});

both!(a_changed_text_is_read_anew_before_it_is_signed, |t| {
    let (call, letter) = invited_to_sign(t);
    let old = hidden(&post(t, &letter, DIRECTOR, &[]), "sha256").to_owned();
    letter.patch(&call.applicant, serde_json::json!({"text": "En annan text."})).is(200);
    call.applicant.change(&letter.0, "sentForSignature").is(200);
    let refused = post(t, &letter, DIRECTOR, &[("step", "sign"), ("sha256", &old)]);
    refused.shows(409, &["En annan text.", "role=\"alert\"", "Texten har ändrats", "value=\"sign\""]);
    assert_ne!(hidden(&refused, "sha256"), old);
    assert!(letter.seen_by(&call.manager)["signatures"].as_array().unwrap().is_empty());
});

both!(a_signer_declines_with_a_comment_on_the_page, |t| {
    let (call, letter) = invited_to_sign(t);
    let sha256 = hidden(&post(t, &letter, CHAIR, &[]), "sha256").to_owned();
    let without = post(t, &letter, CHAIR, &[("step", "decline"), ("sha256", &sha256)]);
    without.shows(422, &["id=\"comment-fault\"", "value=\"decline\""]);
    let comment = "Beslutet hör hemma i fullmäktige <script>.";
    let declined = post(t, &letter, CHAIR, &[("step", "decline"), ("comment", comment)]);
    declined.shows(200, &["Du har avböjt", "fullmäktige &#60;script&#62;."]);
    assert_eq!(letter.seen_by(&call.manager)["status"], "declined");
    // The applicant reads the comment on the same page, and is offered no signature.
    let applicant = [("email", "sokande.2582@example.org"), ("password", "ett långt lösenord 2020")];
    let read = t.anonymous().form(&format!("/{}", letter.0), &applicant);
    read.shows(200, &["avböjd", "fullmäktige &#60;script&#62;.", "Nu kan du logga in."]);
    assert!(!read.text.contains("value=\"sign\""));
});

both!(a_signer_who_writes_why_not_does_not_sign_by_enter, |t| {
    let (call, letter) = invited_to_sign(t);
    let sha256 = hidden(&post(t, &letter, CHAIR, &[]), "sha256").to_owned();
    let comment = ("comment", "Vi vill inte.");
    let refused = post(t, &letter, CHAIR, &[("step", "sign"), ("sha256", &sha256), comment]);
    refused.shows(
        422,
        &["id=\"comment-fault\"", "välj Avböj", ">Vi vill inte.</textarea>", "value=\"decline\""],
    );
    // A wrong password loses nothing that was typed.
    let form = [("email", CHAIR), ("password", "fel lösenord 123"), ("step", "decline"), comment];
    let wrong = t.anonymous().form(&format!("/{}", letter.0), &form);
    wrong.shows(400, &["hör inte ihop", "name=\"comment\" value=\"Vi vill inte.\""]);
    let again = post(t, &letter, CHAIR, &[comment]);
    again.shows(200, &[">Vi vill inte.</textarea>"]);
    assert_eq!(letter.seen_by(&call.manager)["status"], "sentForSignature");
    assert!(letter.seen_by(&call.manager)["signatures"].as_array().unwrap().is_empty());
});

both!(a_second_signature_and_a_form_without_the_text_are_told, |t| {
    let (_, letter) = invited_to_sign(t);
    let sha256 = hidden(&post(t, &letter, CHAIR, &[]), "sha256").to_owned();
    post(t, &letter, CHAIR, &[("step", "sign")]).shows(400, &["role=\"alert\"", "value=\"sign\""]);
    let sign = [("step", "sign"), ("sha256", sha256.as_str())];
    post(t, &letter, CHAIR, &sign).shows(200, &["Din underskrift är sparad"]);
    let again = post(t, &letter, CHAIR, &sign);
    again.shows(409, &["<title>Fel: ", "undertecknade 2020-11-", "har inte undertecknat"]);
    assert!(!again.text.contains("type=\"password\""), "{}", again.text);
});

both!(who_may_not_see_a_letter_is_told_nothing_of_it, |t| {
    let (call, letter) = invited_to_sign(t);
    crate::identity::with_password(t, "Någon Annan", "annan@example.org");
    for path in [
        letter.0.clone(),
        letter.0.replace(|digit: char| digit.is_ascii_digit(), "7"),
        "/avsiktsforklaringar/x".to_owned(),
    ] {
        let page = Letter(path);
        let refused = post(t, &page, "annan@example.org", &[("step", "sign"), ("sha256", &"0".repeat(64))]);
        assert!(matches!(refused.status, 403 | 404), "{}", refused.text);
        assert!(!refused.text.contains("Boden"), "{}", refused.text);
    }
    assert_eq!(letter.seen_by(&call.manager)["status"], "sentForSignature");
});
