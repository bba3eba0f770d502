//! Interest: how applications come in (guide §3). Anyone may express a kommun's interest while the call is open; a mailed
//! link proves the address. The programme manager registers what came late, on paper or by e-mail.

mod commands;
mod mails;
mod pages;
mod requests;
pub mod routes;
mod rules;

use crate::platform::part::Part;

/// What this resource brings to the program. Its rows are applications.
pub const PART: Part = Part { routes: routes::routes, pages: pages::PAGES, ..Part::NONE };
