//! Files that the program can write itself are checked in, so that a change in them is seen when it is made. One code
//! makes and checks them: with `SAMVERKAN_REGEN` set (see `scripts/regen`) the tests write, otherwise they compare.

use std::path::Path;

/// The folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The file at `path` holds exactly `text`.
#[track_caller]
pub fn generated(path: &str, text: &str) {
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
