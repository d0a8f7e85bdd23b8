//! Tests of the generator's passes, in one binary.

mod codegen;
mod generate;
mod lint;
mod load;
mod lower;
