//! What the program does in the background: mail and jobs.

mod jobs;
mod mail;
