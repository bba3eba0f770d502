//! What the program does around requests: connections, what is kept for keys, mail and jobs.

mod composed;
mod connections;
mod jobs;
mod kept_answers;
mod mail;
