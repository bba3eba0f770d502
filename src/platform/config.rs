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
    DATA_DIR "data"
        "folder for the database file and other files of the program";
    DATABASE_URL "the file `samverkan.db` in `DATA_DIR`"
        "`sqlite://relative/path`, `sqlite:///absolute/path`, or `postgres://user:password@host/name`";
    DATABASE_CONNECTIONS "8"
        "the most database connections of each kind (read, write) that one process opens; one more flushes the log (PostgreSQL) or moves it into the database (SQLite) (1–1000)";
    DATABASE_WAIT_MS "2000"
        "how long a request waits for a connection before the answer is 503";
    WRITE_LIMIT_MS "10000"
        "how long a write may wait for locks of other transactions";
    PUBLIC_URL "`http://` and `BIND`"
        "address where clients reach the API; links and the issuer of tokens are made from it";
    PUBLIC_APP_URL "`PUBLIC_URL`"
        "address of the user interface, for links in mail";
    MAIL_DIR ""
        "folder for outgoing mail, one file per mail; without it no mail is sent";
    MAIL_FROM "samverkan@example.org"
        "sender of mail";
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

/// The settings in force. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub bind: SocketAddr,
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
    /// Where clients reach the API, without a trailing slash.
    pub public_url: String,
    /// Address of the user interface for links in mail, without a trailing slash.
    pub public_app_url: String,
    /// Folder for outgoing mail; without it no mail is sent.
    pub mail_dir: Option<PathBuf>,
    /// Sender of mail.
    pub mail_from: String,
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

    fn read_with<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
        read_file: ReadFile<'_>,
    ) -> Result<Self, ConfigError> {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self::build(Source::new(variables, Vec::new(), read_file))
    }

    fn build(mut source: Source) -> Result<Self, ConfigError> {
        let millis = |text: &str| number(text, 1, 600_000).map(Duration::from_millis);
        let per_minute = |text: &str| number(text, 0, 1_000_000);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let bind = source.given(&BIND, socket).unwrap_or(DEFAULT_BIND);
        let data_dir = source.value(&DATA_DIR, path);
        let public_url = source.given(&PUBLIC_URL, url).unwrap_or_else(|| format!("http://{bind}"));
        let config = Self {
            database_url: source.given(&DATABASE_URL, |text| text.parse()),
            database_connections: source.value(&DATABASE_CONNECTIONS, |text| number(text, 1, 1000)),
            database_wait: source.value(&DATABASE_WAIT_MS, millis),
            write_limit: source.value(&WRITE_LIMIT_MS, millis),
            public_app_url: source.given(&PUBLIC_APP_URL, url).unwrap_or_else(|| public_url.clone()),
            mail_dir: source.given(&MAIL_DIR, path),
            mail_from: source.value(&MAIL_FROM, sender),
            cors_origins: source.value(&CORS_ORIGINS, |text| list(text, origin)),
            trusted_proxies: source.value(&TRUSTED_PROXIES, networks),
            log_format: source.value(&LOG_FORMAT, log_format),
            log_level: source.value(&LOG_LEVEL, log_filter),
            requests_per_minute: source.value(&REQUESTS_PER_MINUTE, per_minute),
            anonymous_requests_per_minute: source.value(&ANONYMOUS_REQUESTS_PER_MINUTE, per_minute),
            workers: source.given(&WORKERS, |text| number(text, 1, 1024)).unwrap_or(cores),
            job_interval: source
                .value(&JOB_INTERVAL_SECONDS, |text| number(text, 1, 86_400).map(Duration::from_secs)),
            shutdown: source.value(&SHUTDOWN_SECONDS, |text| number(text, 0, 3600).map(Duration::from_secs)),
            bind,
            data_dir,
            public_url,
            suspects: std::mem::take(&mut source.suspects),
        };
        if source.faults.is_empty() { Ok(config) } else { Err(ConfigError { faults: source.faults }) }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;

    /// Reads the settings from these variables; only these files exist.
    fn read(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read_with(variables.iter().copied(), &|path| {
            let file = files.iter().find(|(name, _)| Path::new(name) == path);
            file.map(|(_, text)| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
        })
    }

    fn refusal(variables: &[(&str, &str)]) -> String {
        read(variables, &[]).unwrap_err().to_string()
    }

    #[test]
    fn every_setting_has_a_default() {
        let config = read(&[], &[]).unwrap();
        assert_eq!(config.bind.to_string(), BIND.default);
        assert_eq!(config.database_url, None);
        assert_eq!(config.database(), DatabaseUrl::Sqlite("data/samverkan.db".into()));
        assert_eq!(config.public_url, "http://127.0.0.1:8080");
        assert_eq!(config.public_app_url, config.public_url);
        assert_eq!((config.mail_dir, config.mail_from.as_str()), (None, "samverkan@example.org"));
        assert!(config.cors_origins.is_empty() && config.trusted_proxies.is_empty());
        assert_eq!((config.log_format, config.log_level.as_str()), (LogFormat::Text, "info"));
        assert_eq!(config.database_connections, 8);
        assert_eq!(
            (config.database_wait, config.write_limit),
            (Duration::from_secs(2), Duration::from_secs(10))
        );
        assert_eq!((config.requests_per_minute, config.anonymous_requests_per_minute), (1200, 120));
        assert_eq!(
            (config.job_interval, config.shutdown),
            (Duration::from_secs(30), Duration::from_secs(30))
        );
        assert!(config.workers >= 1);
    }

    #[test]
    fn defaults_follow_the_settings_that_they_depend_on() {
        let config = read(&[("BIND", "[::1]:9000"), ("DATA_DIR", "/var/lib/samverkan")], &[]).unwrap();
        assert_eq!(config.public_url, "http://[::1]:9000");
        assert_eq!(config.database(), DatabaseUrl::Sqlite("/var/lib/samverkan/samverkan.db".into()));
        let config = read(&[("PUBLIC_URL", "https://api.example.org")], &[]).unwrap();
        assert_eq!(config.public_app_url, "https://api.example.org");
    }

    #[test]
    fn a_database_can_be_given_in_three_ways_and_empty_variables_do_not_count() {
        let file = [("/etc/s.toml", "database_url = 'sqlite://own.db'"), ("/run/url", "sqlite://own.db")];
        let given = |variables: &[(&str, &str)]| read(variables, &file).unwrap().database_url;
        let own = Some(DatabaseUrl::Sqlite("own.db".into()));
        assert_eq!(given(&[("DATABASE_URL", "sqlite://own.db")]), own);
        assert_eq!(given(&[("DATABASE_URL_FILE", "/run/url")]), own);
        assert_eq!(given(&[("SAMVERKAN_CONFIG", "/etc/s.toml"), ("DATABASE_URL", "")]), own);
        assert_eq!(given(&[("DATABASE_URL", " "), ("DATABASE_URL_FILE", "")]), None);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file =
            "log_format = 'json'\nworkers = 3\ncors_origins = ['https://A.example', 'http://localhost:5173']";
        let variables = [("SAMVERKAN_CONFIG", "/etc/s.toml"), ("WORKERS", "5"), ("BIND", "")];
        let config = read(&variables, &[("/etc/s.toml", file)]).unwrap();
        assert_eq!((config.log_format, config.workers), (LogFormat::Json, 5));
        assert_eq!(config.cors_origins, ["https://a.example", "http://localhost:5173"]);
    }

    #[test]
    fn a_variable_can_name_a_file_with_the_value() {
        let files =
            [("/run/url", " postgres://a:b@c/d\n"), ("/run/empty", "\n"), ("/etc/s.toml", "workers = 3")];
        let variables =
            [("DATABASE_URL_FILE", "/run/url"), ("WORKERS_FILE", ""), ("SAMVERKAN_CONFIG", "/etc/s.toml")];
        let config = read(&variables, &files).unwrap();
        assert_eq!(config.database_url, Some(DatabaseUrl::Postgres("postgres://a:b@c/d".to_owned())));
        assert_eq!(config.workers, 3);

        let twice = [("DATABASE_URL", "sqlite://x"), ("DATABASE_URL_FILE", "/run/url")];
        let twice = read(&twice, &files).unwrap_err();
        assert_eq!(twice.faults[0].name, "DATABASE_URL");
        for wrong in ["/run/empty", "/run/none"] {
            let error = read(&[("DATABASE_URL_FILE", wrong)], &files).unwrap_err();
            assert_eq!(error.faults[0].name, "DATABASE_URL_FILE", "{error}");
        }
    }

    #[test]
    fn all_errors_are_reported_together_by_name() {
        let error =
            refusal(&[("BIND", "nowhere"), ("WORKERS", "0"), ("LOG_FORMAT", "xml"), ("LOG_LEVEL", "inof")]);
        for name in ["BIND", "WORKERS", "LOG_FORMAT", "LOG_LEVEL"] {
            assert!(error.contains(&format!("\n  {name}: ")), "{error}");
        }
    }

    #[test]
    fn an_unknown_name_is_refused_and_the_known_names_are_listed() {
        assert!(refusal(&[("SAMVERKAN_WORKER", "1")]).contains("WORKERS, "));
        assert!(refusal(&[("SAMVERKAN_BIND", "x")]).contains("is called BIND"));
        assert!(
            read(&[("SAMVERKAN_TEST_POSTGRES", "x"), ("SAMVERKAN_REGEN", "1"), ("PATH", "/bin")], &[])
                .is_ok()
        );

        let files = [("s", "worker = 1\nBIND = 'x'\nlog_level = 1.5\n[mail]\n")];
        let error = read(&[("SAMVERKAN_CONFIG", "s")], &files).unwrap_err();
        let names: Vec<_> = error.faults.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names, ["BIND in s", "log_level in s", "mail in s", "worker in s"], "{error}");
        assert!(error.faults[0].what.contains("is called bind"), "{error}");
        assert!(error.faults[3].what.contains(", workers, "), "{error}");
        assert!(refusal(&[("SAMVERKAN_CONFIG", "none")]).contains("cannot read none"));
        let error = read(&[("SAMVERKAN_CONFIG", "s")], &[("s", "workers = 1\n= ")]).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn a_variable_with_a_nearly_right_name_gives_only_a_warning() {
        for (typo, meant) in [
            ("MAIL_DIRR", "MAIL_DIR"),
            ("MAILDIR", "MAIL_DIR"),
            ("MAIL_DIE", "MAIL_DIR"),
            ("AMIL_DIR", "MAIL_DIR"),
            ("mail_dir", "MAIL_DIR"),
            ("LOG_LEVELS", "LOG_LEVEL"),
            ("DATABASE_URL_FIEL", "DATABASE_URL_FILE"),
        ] {
            let config = read(&[(typo, "hunter2")], &[]).unwrap();
            assert_eq!(config.mail_dir, None);
            let [ConfigFault { name, what }] = config.suspects.as_slice() else { panic!("{typo}") };
            assert!(name == typo && what.contains(meant) && !what.contains("hunter2"), "{what}");
        }
        // Short names resemble too many others.
        let others = [("MAIL", "x"), ("MAIL_DIRS_X", "x"), ("BIN", "x"), ("PATH", "/bin"), ("WORKERS", "2")];
        assert!(read(&others, &[]).unwrap().suspects.is_empty());
    }

    #[test]
    fn a_secret_is_never_shown() {
        for url in [
            "postgres://user:hunter2@host:5432/db?sslmode=require",
            "postgresql://user:hunter2@a,b/db",
            "postgres://host/db?user=u&password=hunter2",
            "postgres://host/db?password=hunter2@x",
            "postgres://user:hun?hunter2@host/db",
            "postgres://user:a@hunter2/b@host/db",
            "postgres://user:hunter2",
        ] {
            let config = read(&[("DATABASE_URL", url)], &[]).unwrap();
            let shown = format!("{} {config:?}", config.database());
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        let config =
            read(&[("DATABASE_URL", "postgres://user:pw@host:5432/db?sslmode=require")], &[]).unwrap();
        assert_eq!(config.database().to_string(), "postgres://user:***@host:5432/db");
        assert!(!refusal(&[("DATABASE_URL", "mysql://user:hunter2@host/db")]).contains("hunter2"));
        let broken = [("s", "database_url = 'postgres://u:hunter2@h/d")];
        let error = read(&[("SAMVERKAN_CONFIG", "s")], &broken).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn other_values_out_of_range_are_refused() {
        for (name, wrong) in [
            ("BIND", "localhost"),
            ("DATABASE_CONNECTIONS", "0"),
            ("DATABASE_WAIT_MS", "-1"),
            ("WRITE_LIMIT_MS", "1e3"),
            ("REQUESTS_PER_MINUTE", "99999999999"),
            ("SHUTDOWN_SECONDS", "30s"),
            ("MAIL_FROM", "samverkan"),
            ("MAIL_FROM", "a@b.se\r\nBcc: x@y.se"),
            ("LOG_LEVEL", "info,samverkan="),
        ] {
            assert!(refusal(&[(name, wrong)]).contains(name), "{name}={wrong}");
        }
        assert!(
            read(&[("LOG_LEVEL", "warn,samverkan::platform=debug"), ("REQUESTS_PER_MINUTE", "0")], &[])
                .is_ok()
        );
    }

    #[test]
    fn the_table_has_a_row_for_each_setting() {
        let table = table_markdown();
        assert_eq!(table.lines().count(), SETTINGS.len() + 3);
        assert!(table.contains("| `WORKERS` | one per core | threads that serve requests |"), "{table}");
        assert!(table.contains("| `LOG_LEVEL` | `info` |"), "{table}");
    }
}
