//! The mechanism of identity: tokens, passwords, callers, permits. Which role may do what is not decided here; that is
//! the policy table of the identity area.

pub mod action;
pub mod authentication;
pub mod caller;
pub mod callers;
pub mod found;
pub mod lockout;
pub mod password;
pub mod permit;
pub mod scope;
pub mod scoped;
pub mod token;
