//! What the program does by itself: mail and jobs.

mod jobs;
mod mail;
