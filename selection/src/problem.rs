//! A checked input, ready to be searched.

use crate::fault::Fault;
use crate::input::Input;

/// A checked input, ready to be searched.
#[derive(Clone, Debug)]
pub struct Problem {
    input: Input,
}

impl Problem {
    /// Checks and prepares an input.
    ///
    /// # Errors
    /// Those of [`Input::faults`].
    pub fn new(input: &Input) -> Result<Self, Vec<Fault>> {
        let faults = input.faults();
        if faults.is_empty() { Ok(Problem { input: input.clone() }) } else { Err(faults) }
    }

    /// The input that it was made of.
    pub fn input(&self) -> &Input {
        &self.input
    }
}
