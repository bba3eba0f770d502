//! The basis of all tests: a real server on a random port, on either database, with real tokens and a clock that stands still
//! until a test moves it. A test reads as a story: app, caller, request, response.

mod client;
mod database;
pub mod documented;
mod mails;
mod rounds;
pub mod trail;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::web;
use base64::Engine as _;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config as Cases, TestCaseResult, TestRunner};
use samverkan::app::Listeners;
use samverkan::identity::keys;
use samverkan::identity::people::PersonState;
use samverkan::identity::policy::Role;
use samverkan::identity::roles::{self, Wanted};
use samverkan::platform::auth::password::PasswordCost;
use samverkan::platform::auth::record_keys::RecordKeys;
use samverkan::platform::auth::token::{Claims, KeyRing, SigningKey};
use samverkan::platform::clock::Clock;
use samverkan::platform::config::Config;
use samverkan::platform::db::Db;
use samverkan::platform::ids::{Id, Ids};
use samverkan::platform::jobs::Runner;
use samverkan::platform::key_file;
use samverkan::platform::moment::Instant;
use samverkan::platform::problem::Problem;
use samverkan::platform::services::Services;
use samverkan::platform::tx::Tx;

pub use client::{Client, Response};
pub use database::{Kind, TestDatabase, administrate};
pub use rounds::in_rounds;

/// Declares a test that runs on SQLite and on PostgreSQL, as often as `SAMVERKAN_TEST_ROUNDS` says:
/// `both!(name, |t| { … });`.
#[macro_export]
macro_rules! both {
    ($name:ident, |$t:ident| $body:block) => {
        fn $name($t: &$crate::support::TestApp) $body

        mod $name {
            use $crate::support::{Kind, TestApp, in_rounds};

            #[test]
            fn sqlite() {
                in_rounds(|| super::$name(&TestApp::new(Kind::Sqlite)));
            }

            #[test]
            fn postgres() {
                in_rounds(|| super::$name(&TestApp::new(Kind::Postgres)));
            }
        }
    };
}

/// The start of the clock: 10:00 in Sweden on 1 October 2020, before the call opens.
pub const START: &str = "2020-10-01T08:00:00Z";

/// A running application.
pub struct TestApp {
    pub base: String,
    /// Where the metrics are; empty without the setting `METRICS_BIND`.
    pub metrics: String,
    pub clock: Clock,
    pub services: web::Data<Services>,
    pub runner: web::Data<Runner>,
    database: database::TestDatabase,
    stop: Option<mpsc::Sender<()>>,
    server: Option<JoinHandle<()>>,
    people: AtomicU64,
}

impl TestApp {
    /// A new application on a new database.
    pub fn new(kind: Kind) -> Self {
        Self::with(kind, &[])
    }

    /// A new application with other settings.
    pub fn with(kind: Kind, settings: &[(&str, &str)]) -> Self {
        let services =
            |config, clock| samverkan::app::services(config, clock, Ids::system(), PasswordCost::CHEAP);
        Self::made(kind, settings, Clock::fixed(START.parse().unwrap()), services)
    }

    /// The demonstration on a new database, without its data. The clock can be moved over HTTP.
    pub fn demonstration(kind: Kind) -> Self {
        Self::demonstration_by(kind, &[], Clock::fixed(START.parse().unwrap()))
    }

    /// The demonstration without its data, by a clock of its own.
    pub fn demonstration_by(kind: Kind, settings: &[(&str, &str)], clock: Clock) -> Self {
        Self::made(kind, settings, clock, samverkan::app::demonstration_services)
    }

    fn made(
        kind: Kind,
        settings: &[(&str, &str)],
        clock: Clock,
        services: impl Fn(Config, Clock) -> web::Data<Services>,
    ) -> Self {
        log();
        let database = database::TestDatabase::new(kind);
        key_file::make(&database.folder.join("secrets.key"), &Ids::system()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut pairs: Vec<(String, String)> = vec![
            ("DATABASE_URL".into(), database.url.clone()),
            ("DATA_DIR".into(), database.folder.display().to_string()),
            ("RECORD_KEY_FILE".into(), database.folder.join("record-key.pem").display().to_string()),
            ("MAIL_DIR".into(), database.folder.join("mail").display().to_string()),
            ("SECRETS_KEY_FILE".into(), database.folder.join("secrets.key").display().to_string()),
            // The wall clock stands still, and with it the hour in which mail is counted.
            ("MAILS_PER_HOUR".into(), "0".into()),
            ("PUBLIC_URL".into(), base.clone()),
            ("PUBLIC_APP_URL".into(), "https://app.example.org".into()),
            ("REQUESTS_PER_MINUTE".into(), "0".into()),
            ("ANONYMOUS_REQUESTS_PER_MINUTE".into(), "0".into()),
            ("WORKERS".into(), "2".into()),
        ];
        pairs.retain(|(name, _)| !settings.iter().any(|(own, _)| own == name));
        pairs.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let config = Config::read(pairs).unwrap();
        let metrics = config.metrics_bind.map(|address| TcpListener::bind(address).unwrap());
        let metrics_at = metrics
            .as_ref()
            .map_or(String::new(), |metrics| format!("http://{}", metrics.local_addr().unwrap()));
        let listeners = Listeners { clients: listener, metrics, own: None };
        let services = services(config, clock.clone());
        let record_key = services.config.record_key();
        if !record_key.exists() {
            RecordKeys::make(&record_key, &services.ids, Vec::new(), &[]).unwrap();
        }
        samverkan::app::prepare(&services).unwrap();
        let (stop, stopped) = mpsc::channel();
        let runner = samverkan::app::jobs(&services);
        let server = start(services.clone(), runner.clone(), listeners, stopped);
        Self {
            base,
            metrics: metrics_at,
            clock,
            services,
            runner,
            database,
            stop: Some(stop),
            server: Some(server),
            people: AtomicU64::new(0),
        }
    }

    /// Which database this is.
    pub fn kind(&self) -> Kind {
        self.database.kind
    }

    /// A caller without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base, None, None)
    }

    /// The operator.
    pub fn admin(&self) -> Client {
        self.person("Systemadministratör", &[(Role::SystemAdmin, None, None)])
    }

    /// A manager of a programme.
    pub fn manager(&self, programme: Id) -> Client {
        self.in_programme(Role::ProgrammeManager, programme)
    }

    /// SKR's economist.
    pub fn economist(&self, programme: Id) -> Client {
        self.in_programme(Role::Economist, programme)
    }

    /// A new person with a role in a whole programme.
    pub fn in_programme(&self, role: Role, programme: Id) -> Client {
        self.person(role.as_str(), &[(role, Some(programme), None)])
    }

    /// A new person with a role in a kommun.
    pub fn in_kommun(&self, role: Role, programme: Id, kommunkod: &str) -> Client {
        self.person(&format!("{role} {kommunkod}"), &[(role, Some(programme), Some(kommunkod))])
    }

    /// A new person with these roles, logged in.
    pub fn person(&self, name: &str, held: &[(Role, Option<Id>, Option<&str>)]) -> Client {
        let number = self.people.fetch_add(1, Ordering::SeqCst);
        let email = format!("person{number}@example.org");
        let name = name.to_owned();
        let id = self.write(move |tx| {
            let person = roles_person(tx, &name, &email)?;
            for (role, programme, kommunkod) in held {
                let wanted = Wanted {
                    person_id: person,
                    role: *role,
                    signer_role: None,
                    programme_id: *programme,
                    kommunkod: kommunkod.map(str::to_owned),
                    subject_id: None,
                    valid_from: tx.ctx.today(),
                    valid_to: None,
                };
                roles::grant(tx, &wanted)?;
            }
            Ok(person)
        });
        self.login(id)
    }

    /// Gives a person one more role from today on, which others see at once.
    pub fn grant(&self, to: &Client, role: Role, programme: Id, kommunkod: Option<&str>) {
        let person = to.id();
        self.write(|tx| {
            let wanted = Wanted::new(person, role, programme, kommunkod, tx.ctx.today());
            roles::grant(tx, &wanted)?;
            let given = roles::unscoped_to_acknowledge(tx, person)?;
            roles::acknowledge(tx, &given)
        });
    }

    /// An existing person, logged in with a real token.
    pub fn login(&self, person_id: Id) -> Client {
        let session = self.write(move |tx| {
            let person = samverkan::identity::people::unscoped_by_id(tx.db, person_id)?;
            samverkan::identity::people::acknowledge(tx, &person)?;
            open_session(tx, person_id)
        });
        let issuer = self.services.addresses.public_url.clone();
        let seconds = self.clock.wall().seconds();
        let claims = Claims {
            aud: format!("{issuer}/api/v1"),
            iss: issuer,
            sub: person_id,
            exp: seconds + 365 * 24 * 3600,
            iat: seconds,
            jti: session,
            sid: Some(session),
            roles: Vec::new(),
            client_id: None,
        };
        let ring = self.services.database.read_blocking(&self.services.system(), keys::ring);
        let token = ring.unwrap().sign(&claims).unwrap();
        Client::new(&self.base, Some(token), Some(person_id))
    }

    /// The person with this e-mail address, logged in. Activates a person who is only invited.
    pub fn login_as(&self, email: &str) -> Client {
        let email = email.to_owned();
        let id = self.write(move |tx| {
            let person = samverkan::identity::people::unscoped_by_email(tx.db, &email)?;
            let person = person.unwrap_or_else(|| panic!("nobody has the address {email}"));
            let id = person.id;
            if person.status == PersonState::Invited {
                // A hash that no password has.
                samverkan::identity::people::set_password(tx, person, "-".to_owned())?;
            }
            Ok(id)
        });
        self.login(id)
    }

    /// Moves the domain clock to an instant and runs the jobs. The wall clock, which tokens use, stays; `t.clock.advance`
    /// moves both.
    pub fn at(&self, instant: &str) {
        let to = samverkan::platform::moment::deadline(instant).unwrap();
        assert!(to >= self.clock.now(), "the clock only goes forward");
        self.clock.advance_now(to);
        self.run_jobs();
    }

    /// Runs every job.
    pub fn run_jobs(&self) {
        self.runner.run_all();
    }

    /// Runs one transaction as the system.
    pub fn write<T>(&self, change: impl Fn(&mut Tx<'_>) -> Result<T, Problem>) -> T {
        self.services.database.write_blocking(&self.services.system(), change).unwrap()
    }

    /// Reads the database directly, for facts that the API does not show.
    pub fn db<T>(&self, query: impl Fn(&mut Db) -> T) -> T {
        self.services.database.read_blocking(&self.services.system(), |rx| Ok(query(rx.db))).unwrap()
    }

    /// Another process on the same database, with the same clock.
    pub fn another_process(&self) -> web::Data<Services> {
        let config = self.services.config.clone();
        samverkan::app::services(config, self.clock.clone(), Ids::system(), PasswordCost::CHEAP)
    }

    /// The faults of the audit trail.
    pub fn trail_faults(&self) -> Vec<String> {
        self.services
            .database
            .read_blocking(&self.services.system(), |rx| trail::faults(&self.services, rx))
            .unwrap()
    }

    /// A ring that signs tokens with the key for records.
    pub fn ring_of_record_key(&self) -> KeyRing {
        let text = std::fs::read_to_string(self.services.config.record_key()).unwrap();
        let private = pem::parse_many(text).unwrap().remove(0).into_contents();
        let stored = base64::engine::general_purpose::STANDARD.encode(private);
        KeyRing::new(vec![SigningKey::from_stored(&stored, self.clock.wall(), None).unwrap()]).unwrap()
    }

    /// Now, by the domain clock.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}

/// Tests a property with generated cases and reports the smallest case that breaks it.
#[track_caller]
pub fn property<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> TestCaseResult) {
    let cases = Cases { cases, failure_persistence: None, max_shrink_iters: 60, ..Cases::default() };
    TestRunner::new(cases).run(strategy, test).unwrap_or_else(|failed| panic!("{failed}"));
}

fn roles_person(tx: &mut Tx<'_>, name: &str, email: &str) -> Result<Id, Problem> {
    let words = samverkan::platform::text::Localized::fixed("Test.", "Test.");
    let person = match samverkan::identity::people::unscoped_by_email(tx.db, email)? {
        Some(person) => person,
        None => samverkan::identity::people::invited(tx, name, email, &words)?.0,
    };
    // A hash that no password has.
    let person = samverkan::identity::people::set_password(tx, person, "-".to_owned())?;
    Ok(person.id)
}

fn open_session(tx: &mut Tx<'_>, person_id: Id) -> Result<Id, Problem> {
    let until = tx.ctx.wall.plus_days(3650);
    Ok(samverkan::identity::sessions::begin(tx, Some(person_id), None, until)?.id)
}

/// Prints errors of the program in the test's output.
fn log() {
    let _ = tracing_subscriber::fmt().with_env_filter("error").with_test_writer().try_init();
}

fn start(
    services: web::Data<Services>,
    runner: web::Data<Runner>,
    listeners: Listeners,
    stopped: mpsc::Receiver<()>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = samverkan::app::server(services, runner, listeners).unwrap();
            let handle = server.handle();
            std::thread::spawn(move || {
                // Returns when the TestApp is dropped.
                let _ = stopped.recv();
                drop(handle.stop(false));
            });
            server.await.unwrap();
        });
    })
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.stop.take());
        // The thread ends with the server; a test that panicked need not wait for it.
        if !std::thread::panicking()
            && let Some(server) = self.server.take()
        {
            let _ = server.join();
        }
    }
}
