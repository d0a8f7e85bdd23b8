//! Tests of the generator's passes, in one binary.

mod bundle;
mod codegen;
mod diff;
mod generate;
mod golden;
mod import;
mod lint;
mod load;
mod lower;
mod style;
mod synthetic;
mod verify;
mod widgets;
