//! Authentication and authorization: tokens, passwords, callers, permits. The policy table in the identity area decides
//! which role may do what.

pub mod action;
pub mod authentication;
pub mod caller;
pub mod callers;
pub mod deed;
pub mod found;
pub mod lockout;
pub mod password;
pub mod permit;
pub mod record_keys;
pub mod scope;
pub mod scoped;
pub mod token;
