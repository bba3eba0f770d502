//! The drill of docs/OPERATION.md, as it stands there, in a shell that has the settings of the service: it must not reach the
//! service's database.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::installation::{Installation, access, add_person, logged_in, people};
use super::{Running, text};
use crate::support::Kind;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATION.md");

/// Ends the block, which waits for ever for a program that does not serve.
const WATCHDOG: &str = "(sleep 120; kill -TERM -- -$$) >/dev/null 2>&1 &";

/// The first block after `<!-- drill -->`, with other folders and another port.
fn block(places: &[(&str, &str)]) -> String {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let after = document.split("<!-- drill -->").nth(1).unwrap();
    let mut block = after.split("```").nth(1).unwrap().strip_prefix("bash").unwrap().to_owned();
    for (documented, here) in places {
        assert!(block.contains(documented), "{documented}: {block}");
        block = block.replace(documented, here);
    }
    block
}

#[test]
fn the_drill_restores_a_copy_and_leaves_the_service_alone() {
    let at = Installation::new(Kind::Sqlite);
    let (backup, drill) = (at.folder.file("backup.db"), at.folder.file("drill"));
    at.made_admin();
    let (mut server, base) = at.served();
    let session = logged_in(&base);
    add_person(&base, access(&session), 1);
    at.done(&["backup", backup.to_str().unwrap()]);
    add_person(&base, access(&session), 2);

    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let shown = |path: &Path| path.to_str().unwrap().to_owned();
    let places = [
        ("/var/lib/samverkan", shown(&at.data())),
        ("/tmp/drill", shown(&drill)),
        ("/backup/samverkan-2026-11-30.db", shown(&backup)),
        ("127.0.0.1:8099", address.clone()),
    ];
    let places = places.each_ref().map(|(documented, here)| (*documented, here.as_str()));
    let script = format!("{WATCHDOG}\n{}\necho served; wait", block(&places));
    // The settings of the service are in the shell, also by way of files.
    let url = at.folder.file("url");
    std::fs::write(&url, format!("sqlite://{}", at.data().join("samverkan.db").display())).unwrap();
    let settings = at.folder.file("settings.toml");
    std::fs::write(&settings, format!("mail_dir = '{}'", at.folder.file("mail").display())).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_samverkan")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let log = at.folder.file("drill.log");
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).env("PATH", path).process_group(0).stdin(Stdio::null());
    shell.env("DATABASE_URL_FILE", &url).env("SAMVERKAN_CONFIG", &settings);
    shell.stdout(Stdio::piped()).stderr(std::fs::File::create(&log).unwrap());
    let mut shell = Group(Running(shell.spawn().unwrap()));

    let mut said = Vec::new();
    for line in BufReader::new(shell.0.0.stdout.take().unwrap()).lines() {
        said.push(line.unwrap());
        if said.last().unwrap() == "served" {
            break;
        }
    }
    let (said, log) = (said.join("\n"), text(&std::fs::read(&log).unwrap()));
    assert!(said.ends_with("\nserved") && said.contains("\nINTACT: "), "{said} {log}");
    let restored = drill.join("samverkan.db").canonicalize().unwrap();
    assert!(said.contains(&format!("{} is restored", restored.display())), "{said}");
    let there = format!("http://{address}");
    assert_eq!(people(&there, access(&logged_in(&there))), 2);
    // The service has noticed nothing, and the drill has sent nothing.
    assert_eq!(people(&base, access(&session)), 3);
    assert!(!at.folder.file("mail").exists());
    drop(shell);
    assert!(server.stopped().success());
}

/// A shell with all that it started, stopped when the test ends.
struct Group(Running);

impl Drop for Group {
    fn drop(&mut self) {
        let kill = format!("kill -TERM -- -{}", self.0.0.id());
        let _ = Command::new("sh").args(["-c", &kill]).status();
    }
}
