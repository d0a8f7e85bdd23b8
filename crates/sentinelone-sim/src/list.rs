//! A collection that requests read and scenarios change.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::clock::Micros;
use crate::collection::Collection;
use crate::source::Source;
use crate::view::Views;

pub(crate) struct List {
    collection: RwLock<Collection>,
    pub(crate) views: Views,
}

impl List {
    pub(crate) fn new(source: Box<dyn Source>) -> List {
        List { collection: RwLock::new(Collection::new(source)), views: Views::default() }
    }

    /// The collection as it shows now.
    pub(crate) fn read(&self, now: Micros) -> RwLockReadGuard<'_, Collection> {
        let collection = self.collection.read().unwrap_or_else(PoisonError::into_inner);
        if !collection.is_behind(now) {
            return collection;
        }
        drop(collection);
        drop(self.write(now));
        self.collection.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The collection as it shows now, to be changed.
    pub(crate) fn write(&self, now: Micros) -> RwLockWriteGuard<'_, Collection> {
        let mut collection = self.collection.write().unwrap_or_else(PoisonError::into_inner);
        collection.catch_up(now);
        collection
    }
}
