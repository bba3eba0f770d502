//! Kill -9 in the middle of many writes on SQLite, ten times: every write that was answered 201 is there afterwards, and
//! the audit chains are whole.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use samverkan::platform::ids::Id;
use serde_json::Value;

use crate::programmes::offer;

const EMAIL: &str = "admin@example.org";
const PASSWORD: &str = "en lång mening som ingen gissar";

/// The program itself, on a database of its own.
struct Program {
    folder: std::path::PathBuf,
    address: String,
}

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samverkan"));
        command
            .env("DATA_DIR", &self.folder)
            .env("BIND", &self.address)
            .env("PUBLIC_URL", "https://samverkan.example.org")
            .env("REQUESTS_PER_MINUTE", "0")
            .env("ANONYMOUS_REQUESTS_PER_MINUTE", "0")
            .env("LOG_LEVEL", "error")
            .env_remove("DATABASE_URL")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn started(&self) -> Child {
        let mut child = self.command().arg("serve").spawn().unwrap();
        for _ in 0..600 {
            if TcpStream::connect(&self.address).is_ok() {
                return child;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("the program does not answer on {}", self.address);
    }

    fn token(&self) -> String {
        let form = [("grant_type", "password"), ("username", EMAIL), ("password", PASSWORD)];
        let mut answer =
            ureq::post(format!("http://{}/api/v1/oauth/token", self.address)).send_form(form).unwrap();
        let body: Value = answer.body_mut().read_json().unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }
}

/// Writes until the program is gone; the ids of what was answered 201.
fn written(address: &str, token: &str) -> Vec<Id> {
    let agent = ureq::Agent::new_with_defaults();
    let mut ids = Vec::new();
    for _ in 0..125 {
        let request = agent.post(format!("http://{address}/api/v1/programmes"));
        let sent = request.header("Authorization", format!("Bearer {token}")).send_json(offer());
        let Ok(mut answer) = sent else { break };
        if answer.status() != 201 {
            break;
        }
        // An answer that was cut off was not received.
        let Ok(body) = answer.body_mut().read_json::<Value>() else { break };
        ids.push(body["id"].as_str().unwrap().parse().unwrap());
    }
    ids
}

#[test]
fn what_was_answered_survives_kill_9() {
    let folder = std::env::temp_dir().join(format!("samverkan-crash-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let program = Program { folder: folder.clone(), address: free.to_string() };
    let password = folder.join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    let mut admin = program.command();
    admin.args(["create-admin", "--email", EMAIL, "--name", "Admin", "--password-file"]).arg(&password);
    assert!(admin.status().unwrap().success());
    let mut all = Vec::new();
    for round in 0..10_u64 {
        let mut child = program.started();
        let token = program.token();
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let (address, token) = (program.address.clone(), token.clone());
                std::thread::spawn(move || written(&address, &token))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(150 + 40 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let answered: Vec<Id> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        assert!(!answered.is_empty(), "nothing was written in round {round}");
        all.extend(answered);
        assert_all_there(&folder, &all);
        assert!(program.command().arg("verify-audit").status().unwrap().success(), "round {round}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn assert_all_there(folder: &Path, ids: &[Id]) {
    use diesel::prelude::*;
    use samverkan::platform::db::schema::programmes;
    let mut db =
        samverkan::platform::db::Db::establish(&folder.join("samverkan.db").to_string_lossy()).unwrap();
    let there: Vec<Id> = programmes::table.select(programmes::id).load(&mut db).unwrap();
    let lost: Vec<&Id> = ids.iter().filter(|id| !there.contains(id)).collect();
    assert!(lost.is_empty(), "{} of {} are lost", lost.len(), ids.len());
}
