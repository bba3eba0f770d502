//! `/people`.
