//! `samverkan openapi`: the document that is checked in under `openapi/`.

use std::path::Path;

use super::message;
use crate::app;
use crate::platform::http::openapi;

/// Writes `openapi.json` and `openapi.yaml`.
pub fn run(folder: &Path) -> Result<(), String> {
    let document = app::document(false).map_err(message)?;
    let json = openapi::to_json(&document).map_err(message)?;
    let yaml = openapi::to_yaml(&document).map_err(message)?;
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (name, text) in [("openapi.json", json), ("openapi.yaml", yaml)] {
        let file = folder.join(name);
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}
