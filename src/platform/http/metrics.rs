#![allow(missing_docs)] pub struct Metrics; impl Metrics{pub fn job_ran(&self,_:&str,_:bool){}}
