//! Tests of the settings.

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
    assert_eq!((config.database_wait, config.write_limit), (Duration::from_secs(2), Duration::from_secs(10)));
    assert_eq!((config.metrics_bind, config.connections_per_address), (None, 128));
    assert_eq!((config.client_patience, config.kept_answers), (Duration::from_secs(30), 16 << 20));
    assert_eq!((config.requests_per_minute, config.anonymous_requests_per_minute), (1200, 120));
    assert_eq!((config.job_interval, config.shutdown), (Duration::from_secs(30), Duration::from_secs(30)));
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
fn a_database_can_be_given_in_three_ways_and_an_empty_name_of_one_is_refused() {
    let file = [("/etc/s.toml", "database_url = 'sqlite://own.db'"), ("/run/url", "sqlite://own.db")];
    let given = |variables: &[(&str, &str)]| read(variables, &file).unwrap().database_url;
    let own = Some(DatabaseUrl::Sqlite("own.db".into()));
    assert_eq!(given(&[("DATABASE_URL", "sqlite://own.db")]), own);
    assert_eq!(given(&[("DATABASE_URL_FILE", "/run/url")]), own);
    assert_eq!(given(&[("SAMVERKAN_CONFIG", "/etc/s.toml"), ("PUBLIC_APP_URL", "")]), own);
    for empty in [("DATABASE_URL", ""), ("DATABASE_URL", " "), ("DATABASE_URL_FILE", "")] {
        for other in [("SAMVERKAN_CONFIG", "/etc/s.toml"), ("WORKERS", "")] {
            let faults = read(&[empty, other], &file).unwrap_err().faults;
            assert!(faults.len() == 1 && faults[0].name == empty.0 && faults[0].what.contains("is empty"));
        }
    }
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
    let files = [("/run/url", " postgres://a:b@c/d\n"), ("/run/empty", "\n"), ("/etc/s.toml", "workers = 3")];
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
        read(&[("SAMVERKAN_TEST_POSTGRES", "x"), ("SAMVERKAN_REGEN", "1"), ("PATH", "/bin")], &[]).is_ok()
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
    // A setting is no misspelt one, also when its own name ends in _FILE.
    for setting in SETTINGS {
        let config = read(&[(setting.name, "1")], &[]);
        assert!(config.is_err() || config.unwrap().suspects.is_empty(), "{}", setting.name);
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
    let config = read(&[("DATABASE_URL", "postgres://user:pw@host:5432/db?sslmode=require")], &[]).unwrap();
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
        read(&[("LOG_LEVEL", "warn,samverkan::platform=debug"), ("REQUESTS_PER_MINUTE", "0")], &[]).is_ok()
    );
}

#[test]
fn the_table_has_a_row_for_each_setting() {
    let table = table_markdown();
    assert_eq!(table.lines().count(), SETTINGS.len() + 3);
    assert!(table.contains("| `WORKERS` | one per core | threads that serve requests |"), "{table}");
    assert!(table.contains("| `LOG_LEVEL` | `info` |"), "{table}");
}
