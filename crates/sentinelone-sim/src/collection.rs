//! The items that the lists are about.

use serde_json::Value;

use crate::synth;

/// A numbered collection. The number of an item is also its place in the order of the ids.
#[derive(Debug)]
pub(crate) struct Collection {
    seed: u64,
    count: u32,
}

impl Collection {
    pub(crate) fn new(seed: u64, count: u32) -> Collection {
        Collection { seed, count }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    /// An item with its hidden attributes.
    pub(crate) fn item(&self, number: u32) -> Value {
        synth::whole_threat(self.seed, number)
    }

    /// An item as it is answered with.
    pub(crate) fn shown(&self, number: u32) -> Value {
        synth::threat(self.seed, number)
    }

    /// Whether items have the field, as far as that is known beforehand.
    pub(crate) fn has(&self, field: &str) -> bool {
        !field.starts_with('$') || synth::HIDDEN.contains(&field)
    }

    /// The field that tells items apart.
    pub(crate) fn identity(&self) -> &'static str {
        synth::IDENTITY
    }

    /// Whether a greater number always means a greater value of the field.
    pub(crate) fn rises_with(&self, field: &str) -> bool {
        synth::RISING.contains(&field)
    }
}
