//! `create-admin`, and the login with its link.

use super::installation::{Installation, PASSWORD, access, logged_in};
use super::{Folder, get, post, program, run, served, text, token};
use crate::support::Kind;

#[test]
fn the_first_administrator_logs_in_with_the_printed_link() {
    let folder = Folder::new();
    let who = ["create-admin", "--email", "Eva.Lind@example.org", "--name", "Eva Lind"];
    let made = run(&mut program(&folder.0, &who));
    let printed = text(&made.stdout);
    assert!(made.status.success() && printed.contains("eva.lind@example.org is a system administrator"));
    let link = printed.lines().find(|line| line.starts_with("http")).unwrap().split_once('#').unwrap().1;
    // The page takes the code as well; nobody mails it.
    assert!(printed.contains(&format!("this: {link}\n")) && printed.contains("valid until 2"), "{printed}");
    assert!(printed.contains("No mail is sent"), "{printed}");
    let (id, secret) = link.split_once('.').unwrap();
    let (_server, base) = served(&folder.0, std::process::Stdio::piped());
    let body = serde_json::json!({"token": secret, "password": PASSWORD}).to_string();
    let accepted = post(&format!("{base}/api/v1/invitations/{id}/acceptance"), "application/json", &body);
    assert!(matches!(accepted.0, 200 | 204), "{accepted:?}");
    let login = format!("grant_type=password&username=eva.lind@example.org&password={PASSWORD}");
    assert_eq!(token(&base, &login.replace(' ', "+")).0, 200);
}

#[test]
fn create_admin_refuses_what_the_api_refuses() {
    for (email, name, pointer) in [
        ("not an address", "Eva Lind", "/email"),
        ("eva@example.org", "", "/name"),
        ("eva@example.org", "\u{202e}dniL avE", "/name"),
        ("eva@example.org", "Eva\nLind", "/name"),
        ("eva@example.org", "104233", "/name"),
    ] {
        let folder = Folder::new();
        let made = run(&mut program(&folder.0, &["create-admin", "--email", email, "--name", name]));
        let told = text(&made.stderr);
        assert!(!made.status.success() && told.contains(pointer), "{told}");
        let again =
            run(&mut program(&folder.0, &["create-admin", "--email", "eva@example.org", "--name", "E"]));
        assert!(again.status.success(), "{}", text(&again.stderr));
    }
}

fn accept(base: &str, printed: &str) -> u16 {
    let code = printed.lines().find(|line| line.starts_with("http")).unwrap().split_once('#').unwrap().1;
    let (id, secret) = code.split_once('.').unwrap();
    let body =
        serde_json::json!({"token": secret, "password": "en helt annan mening, mycket lång"}).to_string();
    post(&format!("{base}/api/v1/invitations/{id}/acceptance"), "application/json", &body).0
}

fn a_password_is_set_on_purpose(kind: Kind) {
    let at = Installation::new(kind);
    let eva = ["create-admin", "--email", "eva@example.org", "--name", "Eva Lind"];
    let printed = at.done(&eva);
    // The password of the file ends the link.
    at.made_admin();
    let (_server, base) = at.served();
    assert_eq!(accept(&base, &printed), 410);
    let tokens = logged_in(&base);
    // Without a file nothing is to be done for her; with one she would lose her password.
    let told = at.done(&eva);
    assert!(told.contains("nothing was done") && told.contains("--reset-password"), "{told}");
    let file = at.folder.file("another");
    std::fs::write(&file, "en helt annan mening, mycket lång").unwrap();
    let with_file = [&eva[..], &["--password-file", file.to_str().unwrap()]].concat();
    at.refused(&with_file, "--reset-password");
    assert_eq!(get(&format!("{base}/api/v1/me"), access(&tokens)).0, 200);
    logged_in(&base);
    let told = at.done(&[&with_file[..], &["--reset-password"]].concat());
    assert!(told.contains("has a new password") && told.contains("2 sessions ended"), "{told}");
    let form = "grant_type=password&username=eva@example.org&password=en+helt+annan+mening,+mycket+lång";
    assert_eq!(token(&base, form).0, 200);
    // Somebody who is no administrator yet becomes one, and keeps the password.
    at.refused(&[&eva[..], &["--reset-password"]].concat(), "--password-file");
    let nobody = at.folder.file("no file");
    at.refused(&[&eva[..], &["--password-file", nobody.to_str().unwrap()]].concat(), "--password-file");
}

on_both!(a_password_is_replaced_only_on_purpose, a_password_is_set_on_purpose);

fn the_address_is_that_of_serve(kind: Kind) {
    let mut at = Installation::new(kind);
    let who = |number: usize| {
        let email = format!("eva{number}@example.org");
        ["create-admin".to_owned(), "--email".to_owned(), email, "--name".to_owned(), "Eva Lind".to_owned()]
    };
    let made = |at: &Installation, number| {
        let who = who(number);
        let who: Vec<&str> = who.iter().map(String::as_str).collect();
        at.done(&who)
    };
    // Nobody has served yet, and no address is set.
    let printed = made(&at, 1);
    assert!(printed.contains("http://127.0.0.1:8080/invitation#"), "{printed}");
    assert!(printed.contains("PUBLIC_URL is not set"), "{printed}");
    at.started_once(&[("PUBLIC_URL", "https://api.example.org/s")]);
    // The operator's shell has not the settings of the service.
    let printed = made(&at, 2);
    assert!(printed.contains("https://api.example.org/s/invitation#"), "{printed}");
    assert!(printed.contains("as the program was last served"), "{printed}");
    at.set("PUBLIC_APP_URL", "https://app.example.org");
    let printed = made(&at, 3);
    assert!(printed.contains("https://app.example.org/invitation#"), "{printed}");
}

on_both!(the_link_leads_where_the_program_is_served, the_address_is_that_of_serve);
