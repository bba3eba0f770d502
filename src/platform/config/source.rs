//! Where settings come from: environment variables, files with secrets that variables name, and one TOML file.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use super::{LogFormat, SETTINGS, Setting};

/// The variable that names the TOML file.
pub(super) const FILE_VARIABLE: &str = "SAMVERKAN_CONFIG";
const OWN_PREFIX: &str = "SAMVERKAN_";
/// Names with our prefix that scripts and tests use.
const OTHERS: [&str; 2] = ["SAMVERKAN_REGEN", "SAMVERKAN_BIN"];
/// Refused when they are empty: a command for one database (`DATABASE_URL="$OWNER_URL"`, misspelt) would change another.
const DATABASE_NAMES: [&str; 2] = ["DATABASE_URL", "DATABASE_URL_FILE"];
const TESTS_PREFIX: &str = "SAMVERKAN_TEST_";

/// One error in the settings. It never quotes a value that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The variable's name, or the key in the TOML file, as it was given.
    pub name: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl ConfigFault {
    pub(super) fn new(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self { name: name.into(), what: what.into() }
    }
}

/// All errors in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The errors, in the order in which they were found.
    pub faults: Vec<ConfigFault>,
    /// How the error is to be written.
    pub log_format: LogFormat,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings have errors:")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {}: {}", fault.name, fault.what))
    }
}

impl std::error::Error for ConfigError {}

/// Reads a file. Tests replace it, so that they need no files.
pub(super) type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<String>;

/// The settings as text, and the errors found so far.
pub(super) struct Source {
    /// For each setting that was given: the name of the variable or key, and the text.
    values: BTreeMap<&'static str, (String, String)>,
    pub faults: Vec<ConfigFault>,
    /// Variables whose names look like misspelt settings.
    pub suspects: Vec<ConfigFault>,
}

impl Source {
    /// Reads the program's environment.
    pub fn from_environment() -> Self {
        let mut variables = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => {
                    variables.insert(name, value);
                }
                Err(_) if is_ours(&name) => faults.push(ConfigFault::new(name, "is not text in UTF-8")),
                Err(_) => {}
            }
        }
        Self::new(variables, faults, &|path| std::fs::read_to_string(path))
    }

    /// Collects the settings that were given and finds unknown names.
    pub fn new(
        variables: BTreeMap<String, String>,
        faults: Vec<ConfigFault>,
        read_file: ReadFile<'_>,
    ) -> Self {
        let suspects = variables.keys().filter_map(|name| suspect(name)).collect();
        let mut source = Self { values: BTreeMap::new(), faults, suspects };
        for name in variables.keys().filter(|name| is_unknown(name)) {
            let what = unknown(name.strip_prefix(OWN_PREFIX).unwrap_or(name), str::to_owned);
            source.faults.push(ConfigFault::new(name, what));
        }
        for name in DATABASE_NAMES
            .iter()
            .filter(|name| variables.get(**name).is_some_and(|text| text.trim().is_empty()))
        {
            let what = "is empty: name a database, or unset it to use the file in DATA_DIR";
            source.faults.push(ConfigFault::new(*name, what));
        }
        // Any other empty variable counts as unset: compose files pass unset variables on as empty ones.
        let given = |name: &str| variables.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        if let Some(path) = given(FILE_VARIABLE) {
            source.read_toml(path, read_file);
        }
        for Setting { name, .. } in SETTINGS {
            let file_name = format!("{name}_FILE");
            match (given(name), given(&file_name)) {
                (Some(_), Some(_)) => {
                    let what = format!("is given twice, here and by {file_name}");
                    source.faults.push(ConfigFault::new(*name, what));
                }
                (Some(text), None) => {
                    source.values.insert(name, ((*name).to_owned(), text.to_owned()));
                }
                (None, Some(path)) => source.read_secret(name, file_name, path, read_file),
                (None, None) => {}
            }
        }
        source
    }

    fn read_secret(&mut self, name: &'static str, file_name: String, path: &str, read_file: ReadFile<'_>) {
        match read_file(Path::new(path)) {
            Ok(text) if text.trim().is_empty() => {
                self.faults.push(ConfigFault::new(file_name, format!("the file {path} is empty")));
            }
            Ok(text) => {
                self.values.insert(name, (file_name, text.trim().to_owned()));
            }
            Err(error) => {
                self.faults.push(ConfigFault::new(file_name, format!("cannot read {path}: {error}")))
            }
        }
    }

    fn read_toml(&mut self, path: &str, read_file: ReadFile<'_>) {
        let text = match read_file(Path::new(path)) {
            Ok(text) => text,
            Err(error) => {
                let what = format!("cannot read {path}: {error}");
                return self.faults.push(ConfigFault::new(FILE_VARIABLE, what));
            }
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                // Not the whole error: it quotes the line, which may contain a secret.
                let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                let what = format!("{path} is not valid TOML: line {line}: {}", error.message());
                return self.faults.push(ConfigFault::new(FILE_VARIABLE, what));
            }
        };
        for (key, value) in table {
            let setting = SETTINGS.iter().find(|setting| setting.name.to_ascii_lowercase() == key);
            match (setting, as_text(&value)) {
                (None, _) => {
                    let what = unknown(&key, str::to_ascii_lowercase);
                    self.faults.push(ConfigFault::new(format!("{key} in {path}"), what));
                }
                (Some(_), None) => {
                    let what = "is neither a text, a whole number nor a list of texts";
                    self.faults.push(ConfigFault::new(format!("{key} in {path}"), what));
                }
                (Some(setting), Some(text)) => {
                    self.values.insert(setting.name, (format!("{key} in {path}"), text));
                }
            }
        }
    }

    /// The setting as given; none when it was not given or is invalid.
    pub fn given<T>(&mut self, setting: &Setting, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let (name, text) = self.values.get(setting.name)?;
        match read(text) {
            Ok(value) => Some(value),
            Err(what) => {
                self.faults.push(ConfigFault::new(name, what));
                None
            }
        }
    }

    /// The setting as given, or its default. An invalid setting gets any value: with an error no `Config` is made.
    pub fn value<T: Default>(&mut self, setting: &Setting, read: impl Fn(&str) -> Result<T, String>) -> T {
        if self.values.contains_key(setting.name) {
            return self.given(setting, read).unwrap_or_default();
        }
        read(setting.default).unwrap_or_default()
    }
}

fn is_ours(name: &str) -> bool {
    let read_from_file = name.strip_suffix("_FILE").unwrap_or(name);
    let is_setting = |setting: &Setting| [name, read_from_file].contains(&setting.name);
    name.starts_with(OWN_PREFIX) || SETTINGS.iter().any(is_setting)
}

/// Shorter names are not checked for typos: they resemble too many others.
const SHORTEST_SUSPECT: usize = 6;

/// A warning for a variable that is not ours but is one typo away from a setting, or is a setting in lower case.
fn suspect(name: &str) -> Option<ConfigFault> {
    if name.len() < SHORTEST_SUSPECT || is_ours(name) {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    let known =
        SETTINGS.iter().flat_map(|setting| [setting.name.to_owned(), format!("{}_FILE", setting.name)]);
    let meant = known.into_iter().find(|known| is_one_typo(upper.as_bytes(), known.as_bytes()))?;
    Some(ConfigFault::new(name, format!("is not a setting and is ignored; did you mean {meant}?")))
}

/// Whether the names are equal or differ by one letter: added, missing, wrong, or swapped with its neighbour.
fn is_one_typo(a: &[u8], b: &[u8]) -> bool {
    let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.get(before..).unwrap_or_default(), b.get(before..).unwrap_or_default());
    let after = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.get(..a.len() - after).unwrap_or_default(), b.get(..b.len() - after).unwrap_or_default());
    match (a, b) {
        ([first, second], [third, fourth]) => first == fourth && second == third,
        _ => a.len() <= 1 && b.len() <= 1,
    }
}

fn is_unknown(name: &str) -> bool {
    let is_known = name == FILE_VARIABLE || OTHERS.contains(&name) || name.starts_with(TESTS_PREFIX);
    name.starts_with(OWN_PREFIX) && !is_known
}

/// The message for an unknown name. It lists the known names, spelled as in the place where this one was found.
fn unknown(name: &str, spelled: fn(&str) -> String) -> String {
    let upper = name.to_ascii_uppercase();
    match SETTINGS.iter().find(|setting| setting.name == upper) {
        Some(setting) => format!("is unknown; the setting is called {}", spelled(setting.name)),
        None => {
            let known: Vec<_> = SETTINGS.iter().map(|setting| spelled(setting.name)).collect();
            format!("is unknown; known are {}", known.join(", "))
        }
    }
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}
