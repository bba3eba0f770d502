//! The page `/verification`.

use samverkan::platform::ids::Id;

use super::applications::{express, path_of};
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
    assert_eq!(without.status, 422, "{}", without.text);
    for words in ["id=\"password-fault\"", "Välj ett lösenord för det nya kontot."] {
        assert!(without.text.contains(words), "{}", without.text);
    }
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
