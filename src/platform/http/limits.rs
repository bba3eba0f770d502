#![allow(missing_docs)]
pub struct Limits;
impl Limits {
    pub fn of(_: &crate::platform::config::Config) -> Self {
        Self
    }
}
