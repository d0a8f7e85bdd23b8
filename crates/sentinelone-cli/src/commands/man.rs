//! `s1 man`.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(directory: Option<&Path>) -> Result<(), Failure> {
    let command = Arguments::command();
    let Some(directory) = directory else {
        let mut page = Vec::new();
        Man::new(command).render(&mut page).map_err(|error| Failure::write("the manual", error))?;
        let mut output = Output::stdout();
        output.write(&page)?;
        return output.finish();
    };
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(command, directory))
        .map_err(|error| Failure::write(&directory.display().to_string(), error))
}
