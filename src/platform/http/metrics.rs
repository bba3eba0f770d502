#![allow(missing_docs)]
#[derive(Default)]
pub struct Metrics;
impl Metrics {
    pub fn job_ran(&self, _: &str, _: bool) {}
}
