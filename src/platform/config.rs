//! The settings. They are read once at start from the environment and from the TOML file that `SAMVERKAN_CONFIG` names,
//! if any; the environment wins. All errors are reported together, by name. Misspelt names are reported too.
//! A secret can be given as a file: `DATABASE_URL_FILE=/run/secrets/database_url` instead of `DATABASE_URL`.

mod source;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use source::{ConfigError, ConfigFault};
use source::{FILE_VARIABLE, ReadFile, Source};
use values::{
    DEFAULT_BIND, list, log_filter, log_format, networks, number, origin, path, sender, socket, url,
};
pub use values::{DatabaseUrl, LogFormat, Networks};

/// One setting: its name in the environment and its row in the README's table.
#[derive(Debug)]
pub struct Setting {
    /// Name in the environment; the TOML file has it in lower case.
    pub name: &'static str,
    /// The default; described in words when it depends on another setting.
    pub default: &'static str,
    /// Description in English.
    pub about: &'static str,
}

macro_rules! settings {
    ($($name:ident $default:literal $about:literal;)*) => {
        $(const $name: Setting = Setting { name: stringify!($name), default: $default, about: $about };)*

        /// Every setting, in the order of the README.
        pub const SETTINGS: &[Setting] = &[$($name),*];
    };
}

settings! {
    BIND "127.0.0.1:8080"
        "address and port to listen on";
    METRICS_BIND ""
        "address and port of `/metrics` (Prometheus), for example `127.0.0.1:9090`; without it there are no metrics";
    DATA_DIR "data"
        "folder for the database file and other files of the program";
    DATABASE_URL "the file `samverkan.db` in `DATA_DIR`"
        "`sqlite://relative/path`, `sqlite:///absolute/path`, or `postgres://user:password@host/name`";
    DATABASE_CONNECTIONS "8"
        "the most database connections of each kind (read, write) that one process opens; one more flushes the log (PostgreSQL) or moves it into the database (SQLite), and on PostgreSQL one shows that the database is served (1–1000)";
    DATABASE_WAIT_MS "2000"
        "how long a request waits for a connection before the answer is 503";
    WRITE_LIMIT_MS "10000"
        "how long a write may wait for locks of other transactions";
    RECORD_KEY_FILE "`record-key.pem` beside the SQLite database; required on PostgreSQL"
        "the key that signs checkpoints of the audit trail (PEM, the same for every process); on SQLite the first start makes it, else `samverkan create-record-key` makes one";
    CHECKPOINT_DIR "`checkpoints` beside the SQLite database, or in `DATA_DIR`"
        "folder for a copy of each checkpoint of the audit trail; keep it where those who can change the database cannot write";
    PUBLIC_URL "`http://` and `BIND`"
        "address where clients reach the API; links and the issuer of tokens are made from it";
    PUBLIC_APP_URL "`PUBLIC_URL`"
        "address of the user interface, which mails link to; without one the program's own small pages take the links";
    MAIL_DIR ""
        "folder for outgoing mail, one file per mail; without it no mail is sent, though pages and answers promise it";
    MAIL_FROM "samverkan@example.org"
        "sender of mail";
    MAILS_PER_HOUR "60"
        "how much mail in an hour a person or API client of a kommun, or a client address without login, may cause; a kommun three times as much; more is refused. Mail that SKR or the clock causes is sent later when it is five times as much. A day has five times the limit of an hour. 0 means no such limit: a mailbox still gets at most ten in an hour";
    SECRETS_KEY_FILE "`secrets.key` beside the SQLite database, made at the first start; required on PostgreSQL"
        "file with the key that seals mailed links in the database: 64 hex digits, as `openssl rand -hex 32` writes them, readable only for the program; the same for all processes";
    CORS_ORIGINS ""
        "origins whose pages may call the API, separated by commas: `https://app.example.org`";
    TRUSTED_PROXIES ""
        "addresses or networks of the proxies whose `Forwarded` or `X-Forwarded-For` is trusted, separated by commas: `10.0.0.0/8,::1`";
    LOG_FORMAT "text"
        "`text` or `json`, one line per event";
    LOG_LEVEL "info"
        "`off`, `error`, `warn`, `info`, `debug` or `trace`, also by module: `info,samverkan::platform=debug`";
    REQUESTS_PER_MINUTE "1200"
        "limit for each logged-in caller, in each process; 0 means no limit";
    ANONYMOUS_REQUESTS_PER_MINUTE "120"
        "limit for each client address without login, in each process; 0 means no limit";
    CONNECTIONS_PER_ADDRESS "128"
        "the most connections that one client address may have open (IPv6: one /64), in each process; those in `TRUSTED_PROXIES` have no limit; 0 means no limit";
    CLIENT_PATIENCE_SECONDS "30"
        "how long a client may take nothing of its answer, or leave a request unfinished, before its connection is closed";
    KEPT_ANSWERS_MIB "16"
        "how much the answers that are kept for one caller's `Idempotency-Key`s may take together; 0 means no limit";
    WORKERS "one per core"
        "threads that serve requests";
    JOB_INTERVAL_SECONDS "30"
        "how often the jobs run (deadlines, mail, …)";
    SHUTDOWN_SECONDS "30"
        "how long running requests may take to finish after the program is told to stop";
}

/// The README's table of settings, in Markdown.
pub fn table_markdown() -> String {
    let file = Setting {
        name: FILE_VARIABLE,
        default: "",
        about: "TOML file with any of the settings below, in lower case",
    };
    let mut table = "| Setting | Default | What it is |\n|---|---|---|\n".to_owned();
    for Setting { name, default, about } in std::iter::once(&file).chain(SETTINGS) {
        let default = match *default {
            "" => "–".to_owned(),
            words if words.contains(['`', ' ']) => words.to_owned(),
            value => format!("`{value}`"),
        };
        table.push_str(&format!("| `{name}` | {default} | {about} |\n"));
    }
    table
}

/// The same table as plain text, for `samverkan --help`.
pub fn table_text() -> String {
    let mut text = format!(
        "Settings, from the environment or from the TOML file that {FILE_VARIABLE} names (there in lower case). NAME_FILE reads \
         the value of NAME from a file:\n"
    );
    for Setting { name, default, about } in SETTINGS {
        let default =
            if default.is_empty() { String::new() } else { format!(" [{}]", default.replace('`', "")) };
        text.push_str(&format!("\n  {name}{default}\n          {}", about.replace('`', "")));
    }
    text
}

/// The settings in force. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub bind: SocketAddr,
    /// Where to listen for `/metrics`; without it there are no metrics.
    pub metrics_bind: Option<SocketAddr>,
    /// Folder for the files of the program.
    pub data_dir: PathBuf,
    /// The database that was given, if any; see [`Config::database`].
    pub database_url: Option<DatabaseUrl>,
    /// The most connections of each kind.
    pub database_connections: u32,
    /// How long a request waits for a connection.
    pub database_wait: Duration,
    /// How long a write may wait for locks.
    pub write_limit: Duration,
    /// The key that signs records, if it was given; see [`Config::record_key`].
    pub record_key_file: Option<PathBuf>,
    /// Folder for copies of checkpoints, if it was given; see [`Config::checkpoints`].
    pub checkpoint_dir: Option<PathBuf>,
    /// Where clients reach the API, without a trailing slash.
    pub public_url: String,
    /// Address of the user interface for links in mail, without a trailing slash.
    pub public_app_url: String,
    /// Whether one of these two was given; otherwise they are made from `BIND`.
    pub is_public_url_given: bool,
    /// Folder for outgoing mail; without it no mail is sent.
    pub mail_dir: Option<PathBuf>,
    /// Sender of mail.
    pub mail_from: String,
    /// How much mail one sender of a kommun, or one client address without login, may cause in an hour; 0 means no limit.
    pub mails_per_hour: u32,
    /// The file with the key that seals what the database must not hold in clear, if it was given.
    pub secrets_key_file: Option<PathBuf>,
    /// Origins whose pages may call the API, in lower case.
    pub cors_origins: Vec<String>,
    /// Proxies that are trusted to tell the client's address.
    pub trusted_proxies: Networks,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged: a filter for `tracing`.
    pub log_level: String,
    /// Limit for each logged-in caller; 0 means no limit.
    pub requests_per_minute: u32,
    /// Limit for each client address without login; 0 means no limit.
    pub anonymous_requests_per_minute: u32,
    /// The most connections of one client address; 0 means no limit.
    pub connections_per_address: u32,
    /// How long a client may take nothing, or leave a request unfinished.
    pub client_patience: Duration,
    /// The most bytes of the answers that are kept for one caller; 0 means no limit.
    pub kept_answers: i64,
    /// Threads that serve requests.
    pub workers: usize,
    /// How often the jobs run.
    pub job_interval: Duration,
    /// How long running requests may take to finish when the program stops.
    pub shutdown: Duration,
    /// Variables whose names look like misspelt settings. Only a warning: they may belong to another program
    /// (`MAILDIR`).
    pub suspects: Vec<ConfigFault>,
}

impl Config {
    /// Reads the program's environment.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::build(Source::from_environment())
    }

    /// Reads only the given variables, and the files that they name.
    pub fn read<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ConfigError> {
        Self::read_with(variables, &|path| std::fs::read_to_string(path))
    }

    /// The database to use: the one that was given, or a file in the data folder.
    pub fn database(&self) -> DatabaseUrl {
        let default = || DatabaseUrl::Sqlite(self.data_dir.join("samverkan.db"));
        self.database_url.clone().unwrap_or_else(default)
    }

    /// The file with the key that signs records: the one that was given, or one beside the database.
    pub fn record_key(&self) -> PathBuf {
        self.record_key_file.clone().unwrap_or_else(|| self.beside_database("record-key.pem"))
    }

    /// The file with the key that seals mail: the one that was given, or one beside the database.
    pub fn secrets_key(&self) -> PathBuf {
        self.secrets_key_file.clone().unwrap_or_else(|| self.beside_database("secrets.key"))
    }

    /// The folder for copies of checkpoints: the one that was given, or one beside the database.
    pub fn checkpoints(&self) -> PathBuf {
        self.checkpoint_dir.clone().unwrap_or_else(|| self.beside_database("checkpoints"))
    }

    /// A file in the folder of the SQLite database; in the data folder with PostgreSQL.
    pub fn beside_database(&self, name: &str) -> PathBuf {
        match self.database() {
            DatabaseUrl::Sqlite(path) => path.with_file_name(name),
            DatabaseUrl::Postgres(_) => self.data_dir.join(name),
        }
    }

    fn read_with<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
        read_file: ReadFile<'_>,
    ) -> Result<Self, ConfigError> {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self::build(Source::new(variables, Vec::new(), read_file))
    }

    fn build(mut source: Source) -> Result<Self, ConfigError> {
        let millis = |text: &str| number(text, 1, 600_000).map(Duration::from_millis);
        let count = |text: &str| number(text, 0, 1_000_000);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let bind = source.given(&BIND, socket).unwrap_or(DEFAULT_BIND);
        let data_dir = source.value(&DATA_DIR, path);
        let (given_url, given_app) = (source.given(&PUBLIC_URL, url), source.given(&PUBLIC_APP_URL, url));
        let is_public_url_given = given_url.is_some() || given_app.is_some();
        let public_url = given_url.unwrap_or_else(|| format!("http://{bind}"));
        let config = Self {
            database_url: source.given(&DATABASE_URL, |text| text.parse()),
            database_connections: source.value(&DATABASE_CONNECTIONS, |text| number(text, 1, 1000)),
            database_wait: source.value(&DATABASE_WAIT_MS, millis),
            write_limit: source.value(&WRITE_LIMIT_MS, millis),
            record_key_file: source.given(&RECORD_KEY_FILE, path),
            checkpoint_dir: source.given(&CHECKPOINT_DIR, path),
            public_app_url: given_app.unwrap_or_else(|| public_url.clone()),
            is_public_url_given,
            mail_dir: source.given(&MAIL_DIR, path),
            mail_from: source.value(&MAIL_FROM, sender),
            mails_per_hour: source.value(&MAILS_PER_HOUR, |text| number(text, 0, 100_000)),
            secrets_key_file: source.given(&SECRETS_KEY_FILE, path),
            cors_origins: source.value(&CORS_ORIGINS, |text| list(text, origin)),
            trusted_proxies: source.value(&TRUSTED_PROXIES, networks),
            log_format: source.value(&LOG_FORMAT, log_format),
            log_level: source.value(&LOG_LEVEL, log_filter),
            requests_per_minute: source.value(&REQUESTS_PER_MINUTE, count),
            anonymous_requests_per_minute: source.value(&ANONYMOUS_REQUESTS_PER_MINUTE, count),
            connections_per_address: source.value(&CONNECTIONS_PER_ADDRESS, count),
            client_patience: source
                .value(&CLIENT_PATIENCE_SECONDS, |text| number(text, 1, 3600).map(Duration::from_secs)),
            kept_answers: source
                .value(&KEPT_ANSWERS_MIB, |text| number(text, 0, 1_000_000).map(|mib: i64| mib << 20)),
            metrics_bind: source.given(&METRICS_BIND, socket),
            workers: source.given(&WORKERS, |text| number(text, 1, 1024)).unwrap_or(cores),
            job_interval: source
                .value(&JOB_INTERVAL_SECONDS, |text| number(text, 1, 86_400).map(Duration::from_secs)),
            shutdown: source.value(&SHUTDOWN_SECONDS, |text| number(text, 0, 3600).map(Duration::from_secs)),
            bind,
            data_dir,
            public_url,
            suspects: std::mem::take(&mut source.suspects),
        };
        if source.faults.is_empty() {
            return Ok(config);
        }
        Err(ConfigError { faults: source.faults, log_format: config.log_format })
    }
}

#[cfg(test)]
mod tests;
