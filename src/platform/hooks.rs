//! Lets a lower area call an upper area, to notify it or to ask it for a fact. The lower area declares a trait, the
//! upper area implements it, and `app.rs` registers the implementation here. It runs inside the same transaction.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

/// The registered implementations, by trait.
#[derive(Default)]
pub struct Hooks {
    by_trait: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl Hooks {
    /// Registers an implementation of `L`, which is a `dyn Trait`.
    pub fn add<L: ?Sized + Send + Sync + 'static>(&mut self, listener: Arc<L>) {
        let list = self.by_trait.entry(TypeId::of::<L>()).or_insert_with(|| Box::new(Vec::<Arc<L>>::new()));
        if let Some(list) = list.downcast_mut::<Vec<Arc<L>>>() {
            list.push(listener);
        }
    }

    /// All implementations of `L`, in the order in which `app.rs` registered them.
    pub fn of<L: ?Sized + Send + Sync + 'static>(&self) -> &[Arc<L>] {
        let list = self.by_trait.get(&TypeId::of::<L>());
        list.and_then(|list| list.downcast_ref::<Vec<Arc<L>>>()).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    trait Bell: Send + Sync {
        fn ring(&self) -> &'static str;
    }

    struct Small;

    impl Bell for Small {
        fn ring(&self) -> &'static str {
            "ting"
        }
    }

    #[test]
    fn implementations_are_found_by_their_trait() {
        let mut hooks = Hooks::default();
        assert!(hooks.of::<dyn Bell>().is_empty());
        hooks.add::<dyn Bell>(Arc::new(Small));
        assert_eq!(hooks.of::<dyn Bell>().iter().map(|bell| bell.ring()).collect::<Vec<_>>(), ["ting"]);
    }
}
