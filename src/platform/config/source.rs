//! Where settings come from: the environment, files that it names for secrets, and one TOML file.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use super::{SETTINGS, Setting};

/// The variable that names the TOML file.
pub(super) const FILE_VARIABLE: &str = "SAMVERKAN_CONFIG";
const OWN_PREFIX: &str = "SAMVERKAN_";
/// Names with our prefix that belong to the scripts and tests.
const OTHERS: [&str; 2] = ["SAMVERKAN_REGEN", "SAMVERKAN_BIN"];
const TESTS_PREFIX: &str = "SAMVERKAN_TEST_";

/// What is wrong with one setting. Never quotes a value that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// Name as it was given: of a variable, or of a key in the file.
    pub name: String,
    /// What is wrong and what would be right.
    pub what: String,
}

impl ConfigFault {
    pub(super) fn new(name: impl Into<String>, what: impl Into<String>) -> Self {
        Self { name: name.into(), what: what.into() }
    }
}

/// Every fault of the settings together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// In the order in which they were found.
    pub faults: Vec<ConfigFault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings have faults:")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {}: {}", fault.name, fault.what))
    }
}

impl std::error::Error for ConfigError {}

/// How a file is read; tests have no disk.
pub(super) type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<String>;

/// What was given, and the faults found so far.
pub(super) struct Source {
    /// By setting: the name under which it was given, and its text.
    values: BTreeMap<&'static str, (String, String)>,
    pub faults: Vec<ConfigFault>,
    /// Variables that are no settings and look like one.
    pub suspects: Vec<ConfigFault>,
}

impl Source {
    /// From the program's environment.
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

    /// Gathers what is given and finds unknown names.
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
        // An empty variable is one that compose files pass on unset.
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
                // The whole error would quote the line, which may hold a secret.
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

    /// The setting as given; none when it was not given or is at fault.
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

    /// The setting as given or by default. At fault it is anything: the fault lets no configuration come about.
    pub fn value<T: Default>(&mut self, setting: &Setting, read: impl Fn(&str) -> Result<T, String>) -> T {
        if self.values.contains_key(setting.name) {
            return self.given(setting, read).unwrap_or_default();
        }
        read(setting.default).unwrap_or_default()
    }
}

fn is_ours(name: &str) -> bool {
    let name = name.strip_suffix("_FILE").unwrap_or(name);
    name.starts_with(OWN_PREFIX) || SETTINGS.iter().any(|setting| setting.name == name)
}

/// The shortest name that a slip is looked for in: shorter ones are near to too much.
const SHORTEST: usize = 6;

/// A variable that is not ours and one slip away from one that is, or the same in small letters.
fn suspect(name: &str) -> Option<ConfigFault> {
    if name.len() < SHORTEST || is_ours(name) {
        return None;
    }
    let upper = name.to_ascii_uppercase();
    let known =
        SETTINGS.iter().flat_map(|setting| [setting.name.to_owned(), format!("{}_FILE", setting.name)]);
    let meant = known.into_iter().find(|known| is_one_slip(upper.as_bytes(), known.as_bytes()))?;
    Some(ConfigFault::new(name, format!("is no setting and is left alone; was {meant} meant?")))
}

/// Whether a letter too many, too few or another, or two that changed places, is all that is between them.
fn is_one_slip(a: &[u8], b: &[u8]) -> bool {
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

/// Says so, with the names that are known, spelled as they are where this one was found.
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
