//! Turns at the one write connection of SQLite, in the order of asking.

use std::sync::{Condvar, Mutex, PoisonError};

/// Lets the users of the one write connection take turns in the order in which they asked: groups, jobs, commands.
#[derive(Default)]
pub struct Turns {
    /// The next number to give out, and the number whose turn it is.
    numbers: Mutex<(u64, u64)>,
    changed: Condvar,
}

/// The right to use the connection. Dropping it passes the turn on.
pub struct Turn<'a>(&'a Turns);

impl Turns {
    /// Waits for its turn. Blocks the thread.
    pub fn take(&self) -> Turn<'_> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = numbers.0;
        numbers.0 += 1;
        while numbers.1 != mine {
            numbers = self.changed.wait(numbers).unwrap_or_else(PoisonError::into_inner);
        }
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.numbers.lock().unwrap_or_else(PoisonError::into_inner).1 += 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_taken_in_the_order_of_asking() {
        let turns = Turns::default();
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let first = turns.take();
            for number in 0..5 {
                let asked = turns.numbers.lock().unwrap().0;
                scope.spawn({
                    let (turns, order) = (&turns, &order);
                    move || {
                        let _turn = turns.take();
                        order.lock().unwrap().push(number);
                    }
                });
                while turns.numbers.lock().unwrap().0 == asked {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
    }
}
