//! The rules of ARCHITECTURE.md, checked in the source: which module may use which, and what belongs in which file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::generated::{root, sources};

/// The areas from the bottom, as `app.rs` lists them: each uses the platform and the areas before it.
static AREAS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let app: &str = std::fs::read_to_string(root().join("src/app.rs")).unwrap().leak();
    let list = app.split("const AREAS").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
    let names = list.split("::PARTS").filter_map(|before| before.rsplit([' ', ',']).next());
    names.filter(|name| !name.trim().is_empty()).collect()
});

/// Exceptions: an area that may use a higher one, each with its reason.
const UPWARDS: &[(&str, &str, &str)] = &[(
    "identity",
    "reference",
    "the register is a leaf: facts of law and geography that all areas may read",
)];

/// Files above the areas, which may use all of them.
const ABOVE: &[&str] = &["src/app.rs", "src/lib.rs", "src/main.rs", "src/cli/", "src/demonstration/"];

/// Files that may be longer than 400 lines, each with its reason.
const LONG: &[(&str, &str)] = &[("src/schema.rs", "generated, one block a table")];

const MOST_LINES: usize = 400;

/// Commands that hold their own few statements.
const WITHOUT_STORE: &[&str] = &["src/identity/links/commands.rs"];

/// Finders of a store that take neither a scope nor the name `unscoped_…`, each with the reason.
const FINDERS: &[(&str, &str)] =
    &[("newest_checkpoint", "the signed copy of all heads: one for the whole installation")];

/// Tests with threads whose order is fixed, each with its reason.
const NO_CHANCE: &[(&str, &str)] = &[
    ("tests/api/contract/queries_and_headers.rs", "the threads only fill the pool of connections"),
    ("tests/api/contract/sync.rs", "one thread always waits for the lock that the test holds"),
    ("tests/api/contract/storage_failures.rs", "one thread always waits for the lock of the other"),
];

fn area_of(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap();
    path.split(['/', '.']).next().unwrap()
}

/// The lines without comments: a comment may name modules that the code may not use.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The code before the tests of the file.
fn program(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

/// The modules of this crate that a file names, also in groups: `crate::{a, b}`.
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
        // The tables of the areas are generated and use no area.
        if path == "src/schema.rs" || ABOVE.iter().any(|above| path.starts_with(above)) {
            continue;
        }
        let own = area_of(&path);
        let rank = AREAS.iter().position(|area| *area == own);
        assert!(rank.is_some() || own == "platform", "{path}: {own} is not an area of app.rs");
        for (number, name) in used(&text) {
            let Some(other) = AREAS.iter().position(|area| *area == name) else {
                if matches!(name.as_str(), "app" | "cli" | "demonstration") {
                    faults.push(format!("{path}:{number}: uses {name}, which is above all areas"));
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

/// The file of a path: `platform::db::sql::Json` is in `src/platform/db/sql.rs`.
fn file_of<'f>(path: &[String], files: &'f [(String, String)]) -> Option<&'f str> {
    (1..=path.len()).rev().find_map(|length| {
        let folder = format!("src/{}", path[..length].join("/"));
        let names = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
        files.iter().map(|(file, _)| file.as_str()).find(|file| names.iter().any(|name| name == file))
    })
}

/// The module path of a file: `["platform", "db", "sql"]`.
fn module_of(file: &str) -> Vec<String> {
    let inside = file.trim_start_matches("src/").trim_end_matches(".rs");
    inside.trim_end_matches("/mod").split('/').map(str::to_owned).collect()
}

/// Every path in a text, with groups expanded: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(text: &str, before: &[String], found: &mut Vec<Vec<String>>) {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | ':')).unwrap_or(text.len());
    let names = text[..end].split("::").filter(|name| !name.is_empty()).map(str::to_owned);
    let path: Vec<String> = before.iter().cloned().chain(names).collect();
    let Some(group) = text[end..].strip_prefix('{').filter(|_| text[..end].ends_with("::")) else {
        return found.push(path);
    };
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                paths(group[start..at].trim(), &path, found);
                start = at + 1;
                if letter == '}' {
                    return;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
}

/// The files of this crate that a file uses outside its tests.
fn uses<'f>(file: &str, text: &str, files: &'f [(String, String)]) -> Vec<&'f str> {
    let code: String = code(program(text)).flat_map(|(_, line)| [line, "\n"]).collect();
    let own = module_of(file);
    let mut found = Vec::new();
    // Also what a macro names by `$crate`.
    for (at, _) in code.match_indices("crate::") {
        paths(&code[at + "crate::".len()..], &[], &mut found);
    }
    for (at, _) in code.match_indices("super::").filter(|(at, _)| !code[..*at].ends_with("super::")) {
        let levels = code[at..].split("::").take_while(|name| *name == "super").count();
        let above = own.get(..own.len() - levels.min(own.len())).unwrap_or_default();
        paths(&code[at + levels * "super::".len()..], above, &mut found);
    }
    let mut used: Vec<&str> = found.iter().filter_map(|path| file_of(path, files)).collect();
    used.retain(|other| *other != file);
    used.sort_unstable();
    used.dedup();
    used
}

/// The groups of files that use each other, directly or through others.
fn circles<'f>(files: &'f [(String, String)]) -> Vec<Vec<&'f str>> {
    let graph: BTreeMap<&str, Vec<&str>> =
        files.iter().map(|(file, text)| (file.as_str(), uses(file, text, files))).collect();
    let reached = |from: &'f str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            open.extend(graph[file].iter().copied().filter(|next| seen.insert(*next)));
        }
        seen
    };
    let reach: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|file| (*file, reached(file))).collect();
    let mut found: Vec<Vec<&str>> = Vec::new();
    for file in graph.keys().filter(|file| reach[**file].contains(**file)) {
        let circle: Vec<&str> =
            reach[file].iter().copied().filter(|other| reach[other].contains(file)).collect();
        if !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').unwrap().0
}

/// Files of one folder may use each other; between folders, use has one direction.
#[test]
fn no_circle_leaves_its_folder() {
    let files = sources("src");
    let circles = circles(&files);
    let wide: Vec<_> = circles
        .iter()
        .filter(|circle| circle.iter().any(|file| folder_of(file) != folder_of(circle[0])))
        .map(|circle| circle.join(", "))
        .collect();
    assert!(wide.is_empty(), "{} circles over folders:\n{}", wide.len(), wide.join("\n"));
}

#[test]
fn a_circle_is_seen() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let files = [
        file("src/a/mod.rs", "use crate::b::{c::Thing, d};"),
        file("src/b/c.rs", "use super::d::{\n    One,\n    Two,\n};"),
        file("src/b/d.rs", "fn f() { crate::a::g() } #[cfg(test)] mod tests { use crate::e; }"),
        file("src/e.rs", "use crate::b::d::One;"),
    ];
    assert_eq!(circles(&files), [vec!["src/a/mod.rs", "src/b/c.rs", "src/b/d.rs"]]);
}

/// The layers of a resource from the top. A folder `commands/` is the layer of its name. `mod.rs`, with the types and the
/// registration, belongs to no layer.
const LAYERS: &[&[&str]] = &[&["routes", "jobs"], &["commands"], &["view"], &["requests", "rules", "store"]];

/// The index of a file's layer; 0 is the top.
fn layer_of(file: &str) -> Option<usize> {
    let module = module_of(file);
    let is_in = |layer: &[&str]| module.iter().skip(2).any(|name| layer.contains(&name.as_str()));
    LAYERS.iter().position(|layer| is_in(layer))
}

/// routes → commands → rules and store. Between resources only paths that name the file are seen: what a `mod.rs` passes on
/// (`pub use commands::…`) belongs to no layer.
#[test]
fn layers_point_downwards() {
    let files = sources("src");
    let mut faults = Vec::new();
    for (file, text) in files.iter().filter(|(file, _)| AREAS.contains(&area_of(file))) {
        let Some(own) = layer_of(file) else { continue };
        for other in uses(file, text, &files).into_iter().filter(|other| AREAS.contains(&area_of(other))) {
            let is_upwards = layer_of(other).is_some_and(|other| other < own);
            // Only actix and the job runner call handlers and jobs.
            let is_entrance = layer_of(other) == Some(0) && folder_of(file) != folder_of(other);
            if is_upwards || is_entrance {
                faults.push(format!("{file} uses {other}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The lines with a pattern in files where it is forbidden.
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
fn only_one_folder_distinguishes_the_databases() {
    let elsewhere = |path: &str| !path.starts_with("src/platform/db/");
    let faults = [only_in("Db::Postgres", elsewhere), only_in("Db::Sqlite", elsewhere)].concat();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn queries_are_in_stores() {
    let is_resource =
        |path: &str| area_of(path) != "platform" && !ABOVE.iter().any(|above| path.starts_with(above));
    // Routes and requests; commands and views too, except where there is no store.
    let faults = only_in("diesel", |path| {
        let is_handler = path.contains("/routes") || path.ends_with("/requests.rs");
        let is_above_store = path.contains("/commands") || path.ends_with("/view.rs");
        is_resource(path) && (is_handler || is_above_store) && !WITHOUT_STORE.contains(&path)
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A public function of a store that reads has a scope, or a name that says that it has none. (The register of kommuner is
/// open to anyone; links, the parts of a login and the caller's own are found by what the caller knows.)
#[test]
fn a_finder_has_a_scope_or_says_that_it_has_none() {
    const OPEN: &[&str] = &["src/platform/", "src/reference/", "src/identity/links/", "src/identity/oauth/"];
    let mut faults = Vec::new();
    let stores = sources("src").into_iter().filter(|(path, _)| path.ends_with("/store.rs"));
    for (path, text) in stores.filter(|(path, _)| !OPEN.iter().any(|open| path.starts_with(open))) {
        for function in program(&text).split("\npub fn ").skip(1) {
            let (name, _) = function.split_once('(').unwrap();
            let (signature, _) = function.split_once('{').unwrap();
            let reads = ["&mut Db", "&mut Rx", "BoxedQuery"].iter().any(|reader| signature.contains(reader));
            let is_scoped = signature.contains("Scope") || signature.contains("conditions: Vec<Condition");
            let is_known = FINDERS.iter().any(|(known, _)| *known == name);
            if reads && !is_scoped && !name.starts_with("unscoped_") && !is_known {
                faults.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rules_are_pure() {
    let mut faults = Vec::new();
    for (path, text) in sources("src") {
        let is_rules =
            path.ends_with("/rules.rs") || (path.contains("/rules/") && !path.ends_with("/tests.rs"));
        if !is_rules || path.starts_with("src/platform/") {
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
    for (path, text) in sources("src").into_iter().chain(sources("selection")) {
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
        .chain(sources("selection"))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

/// The crate that chooses can be read, and repeated, without the rest.
#[test]
fn the_selection_knows_nothing_of_http_or_the_database() {
    let manifest = std::fs::read_to_string(root().join("selection/Cargo.toml")).unwrap();
    let dependencies =
        manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap();
    let names: Vec<&str> =
        dependencies.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert_eq!(names, ["libm", "serde", "serde_json", "serde_json_canonicalizer", "sha2"]);
    for (path, text) in sources("selection/src") {
        for outside in ["std::time", "std::env", "std::fs", "std::net", "HashMap", "HashSet"] {
            assert!(
                !program(&text).contains(outside),
                "{path}: {outside}: an answer depends on its input alone"
            );
        }
    }
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
        let inside = || files.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/")));
        let is_there = |file: &str| inside().any(|(path, _)| path.starts_with(&format!("{folder}/{file}")));
        let has = |pattern: &str| inside().any(|(_, text)| text.contains(pattern));
        for (wanted, is_wanted) in [
            ("mod.rs", true),
            ("routes", has("utoipa::path")),
            ("store.rs", has("stored! {")),
            ("commands", has(".write(")),
        ] {
            if is_wanted && !is_there(wanted) {
                faults.push(format!("{folder} has no {wanted}"));
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// `scripts/long` names every file with a test that depends on chance, and no test that does not exist.
#[test]
fn tests_that_depend_on_chance_are_in_scripts_long() {
    let script = std::fs::read_to_string(root().join("scripts/long")).unwrap();
    let table = script.split("table='\n").nth(1).unwrap().split("\n'").next().unwrap();
    let tests = table.lines().map(|line| line.split(';').nth(1).unwrap());
    let mut long: Vec<(&str, &str)> = tests.filter_map(|test| test.rsplit_once("::")).collect();
    let mut faults = Vec::new();
    for (path, text) in sources("tests/api") {
        let module = path.trim_start_matches("tests/api/").trim_end_matches(".rs").trim_end_matches("/mod");
        let module = module.replace('/', "::");
        let has_chance = [concat!("thread", "::scope"), concat!("prop", "erty("), concat!("in_rounds", "(")]
            .iter()
            .any(|sign| text.contains(sign));
        let is_known = long.iter().any(|(named, _)| *named == module)
            || NO_CHANCE.iter().any(|(excepted, _)| *excepted == path)
            || path.starts_with("tests/api/support/");
        if has_chance && !is_known {
            faults.push(format!("{path} is not in scripts/long"));
        }
        let is_there = |name: &str| name.is_empty() || text.contains(&format!("({name}, |t|"));
        long.retain(|(named, name)| *named != module || !is_there(name));
    }
    faults.extend(long.iter().map(|(module, name)| format!("scripts/long: no test {module}::{name}")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
