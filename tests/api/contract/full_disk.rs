//! SQLite on a disk that becomes full, for one writer and for many whose writes share commits (`tx::group`). Every answered
//! write is stored and no refused one is, the audit chains are intact, and with room again the program works without a
//! restart. `group_commit` has the writes that meet the limit in their statements; here the commit meets it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::programmes::offer;
use crate::support::{Client, Response, in_rounds};

const EMAIL: &str = "admin@example.org";
const PASSWORD: &str = "en lång mening som ingen gissar";

const WRITERS: usize = 16;

/// The program on a disk of 24 MB, in a mount namespace that ends with it.
struct Program {
    base: String,
    metrics: String,
    /// The disk, as the test sees it from outside the namespace.
    disk: PathBuf,
}

/// Whether this machine allows a private mount, which needs root or a user namespace. Without one, only the tests in
/// `problems.rs` and `group_commit.rs` with `max_page_count` cover a full disk.
fn is_mountable(folder: &str) -> bool {
    let mount = format!("mount -t tmpfs -o size=1m tmpfs '{folder}'");
    let mut tried = Command::new("unshare");
    tried.args(["-r", "-m", "sh", "-c", &mount]).stdout(Stdio::null()).stderr(Stdio::null());
    tried.status().is_ok_and(|status| status.success())
}

#[expect(clippy::print_stderr, reason = "a run without a small disk says so")]
fn on_a_small_disk(test: impl Fn(&Program)) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let folder = std::env::temp_dir().join(format!("samverkan-full-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // Bound at the same time, so that they differ.
    let free = [0, 1].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    let [address, metrics] = free.map(|free| free.local_addr().unwrap());
    let disk = folder.display();
    if !is_mountable(&disk.to_string()) {
        eprintln!("no mount namespace here: the small disk is not tried");
        return;
    }
    let program = env!("CARGO_BIN_EXE_samverkan");
    // The operator makes room by removing the ballast.
    let script = format!(
        "mount -t tmpfs -o size=24m tmpfs '{disk}' && cd '{disk}' && head -c 6000000 /dev/zero > ballast && \
         printf '%s' '{PASSWORD}' > password && \
         '{program}' create-admin --email {EMAIL} --name Admin --password-file password && exec '{program}' serve"
    );
    let mut child = Command::new("unshare")
        .args(["-r", "-m", "sh", "-c", &script])
        .env("DATA_DIR", &folder)
        .env("BIND", address.to_string())
        .env("METRICS_BIND", metrics.to_string())
        .env("PUBLIC_URL", format!("http://{address}"))
        .env("REQUESTS_PER_MINUTE", "0")
        .env("ANONYMOUS_REQUESTS_PER_MINUTE", "0")
        .env("LOG_LEVEL", "error")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let small = Program {
        base: format!("http://{address}"),
        metrics: format!("http://{metrics}"),
        disk: PathBuf::from(format!("/proc/{}/root{disk}", child.id())),
    };
    let walked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&small)));
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    if let Err(panic) = walked {
        std::panic::resume_unwind(panic);
    }
}

impl Program {
    fn nobody(&self) -> Client {
        Client::new(&self.base, None, None)
    }

    /// The administrator, once the program answers.
    fn admin(&self) -> Client {
        let up = (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            TcpStream::connect(self.base.trim_start_matches("http://")).is_ok()
        });
        assert!(up, "the program does not answer on {}", self.base);
        let fields = [("grant_type", "password"), ("username", EMAIL), ("password", PASSWORD)];
        let token = self.nobody().form("/oauth/token", &fields).is(200)["access_token"].clone();
        self.nobody().with_token(token.as_str().unwrap())
    }

    /// Takes the room that is left.
    fn fill_up(&self) {
        let mut file = std::fs::File::create(self.disk.join("rest")).unwrap();
        let page = [0; 4096];
        let is_full = (0..10_000).any(|_| file.write_all(&page).is_err());
        assert!(is_full, "a disk of 24 MB that is never full");
    }

    /// Removes these files.
    fn make_room(&self, files: &[&str]) {
        files.iter().for_each(|file| std::fs::remove_file(self.disk.join(file)).unwrap());
    }

    /// How many commits there were, and for how many requests.
    fn commits(&self) -> (u64, u64) {
        let text = self.nobody().get(&format!("{}/metrics", self.metrics)).text;
        let value = |name: &str| -> f64 {
            let found = text.lines().find_map(|line| line.strip_prefix(name));
            found.unwrap_or_else(|| panic!("{name} in\n{text}")).trim().parse().unwrap()
        };
        let [commits, requests] =
            ["count", "sum"].map(|of| value(&format!("database_commit_requests_{of}")) as u64);
        (commits, requests)
    }
}

/// Adds a programme of this name, which is also its key.
fn add(admin: &Client, name: &str) -> Response {
    let mut large = offer();
    large["name"] = json!(name);
    large["description"] = json!("å".repeat(2000));
    admin.header("Idempotency-Key", name).post("/programmes", large)
}

/// The names and ids of all programmes.
fn stored(admin: &Client) -> BTreeMap<String, Value> {
    let list = admin.get("/programmes?limit=1000").is(200);
    let items = list["items"].as_array().unwrap().clone();
    assert_eq!(list["_meta"]["totalRecords"], items.len());
    let named = |item: &Value| (item["name"].as_str().unwrap().to_owned(), item["id"].clone());
    items.iter().map(named).collect()
}

#[track_caller]
fn is_intact(admin: &Client) {
    let verified = admin.get("/audit-events/verification").is(200);
    assert_eq!(verified["isIntact"], true, "{verified}");
}

#[test]
fn a_full_disk_leaves_nothing_partly_written() {
    on_a_small_disk(|program| {
        let (admin, nobody) = (program.admin(), program.nobody());
        let refused = (0..3000).find_map(|number| {
            let answer = add(&admin, &format!("k{number}"));
            (answer.status != 201).then_some((number, answer))
        });
        let (made, answer) = refused.expect("a disk of 24 MB that is never full");
        let problem = answer.refused(507, "storageFull");
        assert!(!problem.to_string().to_lowercase().contains("sqlite"), "{problem}");
        assert_eq!(stored(&admin).len(), made, "nothing is partly written");
        assert_eq!(nobody.get("//health/live").status, 200);
        nobody.get("/kommuner/2582").is(200);
        program.make_room(&["ballast"]);
        add(&admin, &format!("k{made}")).is(201);
        assert_eq!(stored(&admin).len(), made + 1);
        is_intact(&admin);
    });
}

/// What the writers were told: the ids of the answered writes, and the names of the refused ones.
#[derive(Default)]
struct Told {
    answered: BTreeMap<String, Value>,
    refused: Vec<String>,
}

impl Told {
    /// Adds a programme and keeps the outcome. Returns whether it was answered.
    fn add(told: &Mutex<Self>, admin: &Client, name: String) -> bool {
        let answer = add(admin, &name);
        let is_answered = answer.status == 201;
        if is_answered {
            told.lock().unwrap().answered.insert(name, answer.is(201)["id"].clone());
        } else {
            answer.refused(507, "storageFull");
            told.lock().unwrap().refused.push(name);
        }
        is_answered
    }
}

#[test]
fn a_disk_that_is_full_in_the_middle_of_a_group_keeps_what_was_answered() {
    in_rounds(|| on_a_small_disk(filled_together));
}

fn filled_together(program: &Program) {
    let admin = program.admin();
    let told = Mutex::new(Told::default());
    let together = |write: &(dyn Fn(usize) + Sync)| {
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                scope.spawn(move || write(writer));
            }
        });
    };
    // Each goes on until it is refused, while the others still find room.
    together(&|writer| {
        let is_never_full = (0..100).all(|number| Told::add(&told, &admin, format!("{writer}-{number}")));
        assert!(!is_never_full, "a disk of 24 MB that is never full");
    });
    assert_eq!(stored(&admin), told.lock().unwrap().answered);
    is_intact(&admin);

    // Now commits fail, and some are for several requests. The log that is there may begin anew and take some more writes.
    program.fill_up();
    let before = program.commits();
    together(&|writer| {
        let is_never_full =
            (0..1000).all(|number| Told::add(&told, &admin, format!("{writer}-without-room-{number}")));
        assert!(!is_never_full, "a full disk that takes everything");
    });
    let after = program.commits();
    assert!(after.1 - before.1 > after.0 - before.0, "no commit was shared: {before:?}, {after:?}");
    assert_eq!(stored(&admin), told.lock().unwrap().answered);

    program.make_room(&["ballast", "rest"]);
    let refused = std::mem::take(&mut told.lock().unwrap().refused);
    assert_eq!(refused.len(), 2 * WRITERS);
    for name in refused {
        assert!(Told::add(&told, &admin, name));
    }
    assert_eq!(stored(&admin), told.lock().unwrap().answered);
    is_intact(&admin);
}
