//! `s1 completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(shell: Shell) -> Result<(), Failure> {
    // Written at once, for clap panics if it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "s1", &mut script);
    let mut output = Output::stdout();
    output.write(&script)?;
    output.finish()
}
