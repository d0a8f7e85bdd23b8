//! Generates the `sentinelone` crate from the spec: a pipeline of small passes.
//!
//! `load → lint → lower → generate (progenitor) → emit (syn, quote) → verify → write`, with
//! `model` as what the spec says for those who need it. Each pass can be run by itself.
//! `style` holds the spec against further rules, and `diff` against an earlier spec. `import` adds
//! operations of the vendor's document to it.

mod closest;
pub mod codegen;
pub mod diff;
pub mod emit;
pub mod fault;
pub mod generate;
pub mod import;
pub mod lint;
pub mod load;
pub mod lower;
pub mod model;
mod pointer;
pub mod style;
pub mod verify;
pub mod write;
