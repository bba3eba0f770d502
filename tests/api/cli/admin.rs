//! `create-admin`, and the login with its link.

use super::{Folder, post, program, run, served, text, token};

const PASSWORD: &str = "en lång mening som ingen gissar";

#[test]
fn the_first_administrator_logs_in_with_the_printed_link() {
    let folder = Folder::new();
    let who = ["create-admin", "--email", "Eva.Lind@example.org", "--name", "Eva Lind"];
    let made = run(&mut program(&folder.0, &who));
    let printed = text(&made.stdout);
    assert!(made.status.success() && printed.contains("eva.lind@example.org is a system administrator"));
    let link = printed.lines().last().unwrap().split_once('#').unwrap().1;
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
