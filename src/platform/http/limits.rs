#![allow(missing_docs)] pub struct Limits;
