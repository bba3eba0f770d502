//! Who people are and what they may do: people, roles, logins, API clients, links, signatures, and the policy table.

pub mod policy;
