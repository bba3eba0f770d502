//! `samverkan backup`: a copy of the SQLite database while the program goes on.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use crate::app;
use crate::platform::config::Config;
use crate::platform::db::{Location, backup};

/// Where to.
#[derive(Args)]
pub struct Backup {
    /// File to write; it must not be there yet. Only its owner can read it
    file: PathBuf,
}

/// Writes the backup, and says what is not in it.
pub fn run(config: &Config, wanted: &Backup) -> Result<(), String> {
    let location = app::location(config);
    let Location::Sqlite(database) = &location else {
        return Err("on PostgreSQL use pg_dump --format=custom (docs/OPERATION.md)".to_owned());
    };
    if !database.exists() {
        return Err(format!("there is no database yet: {location}"));
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}");
    bar.set_style(style.map_err(|error| error.to_string())?);
    let written = backup::write(database, &wanted.file, &|done, total| {
        bar.set_length(total.max(done));
        bar.set_position(done);
    });
    bar.finish_and_clear();
    written?;
    output::line(&format!("{} is a backup of {location}", wanted.file.display()));
    output::line(&format!(
        "Not in it, keep copies elsewhere: {} (without it no checkpoint can be verified), {} (without it mail that waits is lost) and \
         CHECKPOINT_DIR {} (without it nobody can say what a restoration lost){}",
        config.record_key().display(),
        config.secrets_key().display(),
        config.checkpoints().display(),
        match &config.mail_dir {
            Some(folder) =>
                format!("; the text of mail that was sent is only in MAIL_DIR {}", folder.display()),
            None => String::new(),
        }
    ));
    Ok(())
}
