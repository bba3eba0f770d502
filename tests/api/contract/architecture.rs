//! The map of ARCHITECTURE.md, kept by reading the source: which module may use which, and what may stand where.

use super::generated::sources;

/// The areas from the bottom: each uses the platform and those before it.
const AREAS: &[&str] =
    &["identity", "reference", "programmes", "team", "time", "calls", "goals", "oversight"];

/// Arrows that point upwards all the same, each with its reason.
const UPWARDS: &[(&str, &str, &str)] = &[(
    "identity",
    "reference",
    "the register is a leaf: facts of law and geography that all areas may read",
)];

/// What puts the areas together may use them all.
const ABOVE: &[&str] = &["src/app.rs", "src/lib.rs", "src/main.rs", "src/cli/", "src/demonstration/"];

/// Longer than 400 lines, each with its reason.
const LONG: &[(&str, &str)] = &[("src/schema.rs", "generated, one block a table")];

const MOST_LINES: usize = 400;

fn area_of(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap();
    path.split(['/', '.']).next().unwrap()
}

/// The text without comments: a doc comment may name what the code may not use.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The code before the file's own tests.
fn program(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

/// The modules of this crate that a file names, `crate::{a, b}` included.
fn used(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in code(text) {
        for (place, _) in line.match_indices("crate::") {
            let rest = &line[place + "crate::".len()..];
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(group) => group.split(['{', '}', ',', ';']).map(str::trim).collect(),
                None => vec![rest],
            };
            for name in names {
                let name =
                    name.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap();
                found.push((number, name.to_owned()));
            }
        }
    }
    found
}

#[test]
fn arrows_point_downwards() {
    let mut faults = Vec::new();
    for (path, text) in sources("src") {
        if ABOVE.iter().any(|above| path.starts_with(above)) {
            continue;
        }
        let own = area_of(&path);
        let rank = AREAS.iter().position(|area| *area == own);
        assert!(rank.is_some() || own == "platform", "{path}: add the area {own} to this test");
        for (number, name) in used(&text) {
            let Some(other) = AREAS.iter().position(|area| *area == name) else {
                if matches!(name.as_str(), "app" | "cli" | "demonstration") {
                    faults.push(format!("{path}:{number}: uses {name}, which stands above everything"));
                }
                continue;
            };
            let is_allowed = UPWARDS.iter().any(|(from, to, _)| *from == own && *to == name);
            if rank.is_none_or(|rank| other > rank) && !is_allowed {
                faults.push(format!("{path}:{number}: {own} may not use {name}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// One pattern that may stand only in some files.
fn only_in(pattern: &str, is_forbidden: impl Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in sources("src").into_iter().filter(|(path, _)| is_forbidden(path)) {
        for (number, _) in code(&text).filter(|(_, line)| line.contains(pattern)) {
            faults.push(format!("{path}:{number}: {pattern}"));
        }
    }
    faults
}

#[test]
fn the_two_databases_are_told_apart_in_one_folder() {
    let elsewhere = |path: &str| !path.starts_with("src/platform/db/");
    let faults = [only_in("Db::Postgres", elsewhere), only_in("Db::Sqlite", elsewhere)].concat();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn queries_stand_in_stores() {
    let is_resource =
        |path: &str| area_of(path) != "platform" && !ABOVE.iter().any(|above| path.starts_with(above));
    let faults = only_in("diesel", |path| {
        is_resource(path) && (path.ends_with("/routes.rs") || path.ends_with("/requests.rs"))
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rules_are_pure() {
    let mut faults = Vec::new();
    for (path, text) in sources("src") {
        if !path.ends_with("/rules.rs") || path.starts_with("src/platform/") {
            continue;
        }
        for (number, line) in code(program(&text)) {
            let impure = ["diesel", "actix", "Clock", "Tx<", "Rx<", "&Context"];
            for word in impure.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{path}:{number}: {word} in rules"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_is_allowed_without_a_reason() {
    let mut faults = only_in("[allow(", |_| true);
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let mut rest = text.as_str();
        let opening = concat!("[expect", "(");
        while let Some((_, after)) = rest.split_once(opening) {
            let inside = after.split(")]").next().unwrap();
            if !inside.contains("reason") {
                faults.push(format!("{path}: an expectation without a reason"));
            }
            rest = after;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn files_are_short() {
    let mut faults = Vec::new();
    for (path, text) in sources("src") {
        let (lines, is_excepted) = (text.lines().count(), LONG.iter().any(|(long, _)| *long == path));
        if (lines > MOST_LINES) != is_excepted {
            faults.push(format!("{path}: {lines} lines"));
        }
    }
    assert!(faults.is_empty(), "longer than {MOST_LINES}, or no longer so:\n{}", faults.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let without: Vec<String> = sources("src")
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn a_resource_is_a_folder_with_its_parts() {
    let files = sources("src");
    let mut faults = Vec::new();
    for (path, _) in &files {
        let parts: Vec<&str> = path.split('/').collect();
        // src/<area>/<resource>/<file>
        let [_, area, resource, _] = parts[..] else { continue };
        if !AREAS.contains(&area) {
            continue;
        }
        let folder = format!("src/{area}/{resource}");
        for wanted in ["mod.rs", "routes.rs"] {
            let is_there = files.iter().any(|(path, _)| *path == format!("{folder}/{wanted}"));
            let has_operations = files
                .iter()
                .any(|(path, text)| path.starts_with(&format!("{folder}/")) && text.contains("utoipa::path"));
            if !is_there && (wanted == "mod.rs" || has_operations) {
                faults.push(format!("{folder} has no {wanted}"));
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
