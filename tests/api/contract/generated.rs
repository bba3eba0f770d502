//! Generated files that are checked in, so that a review shows how they change. With `SAMVERKAN_REGEN` set (see
//! `scripts/regen`) the tests write them, otherwise the tests compare them.

use std::path::Path;

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Fails unless the file at `path` holds exactly `text`; writes it when regenerating.
#[track_caller]
pub fn generated(path: &str, text: &str) {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    assert!(
        test.contains("_generated_from_"),
        "{test}: scripts/regen finds the tests that write files by this name"
    );
    let file = root().join(path);
    if std::env::var_os("SAMVERKAN_REGEN").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        return;
    }
    let present = std::fs::read_to_string(&file).unwrap_or_default();
    if present == text {
        return;
    }
    let differs = present.lines().zip(text.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| present.lines().count().min(text.lines().count()));
    panic!(
        "{path} is not what the program makes; run scripts/regen. First difference in line {}:\n- {}\n+ {}",
        line + 1,
        present.lines().nth(line).unwrap_or("(the file ends)"),
        text.lines().nth(line).unwrap_or("(the text ends)"),
    );
}

/// Every Rust file below a folder, sorted by path: its path from the repository's root and its text.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
