//! Developer tasks: `cargo xtask --help` lists them.

mod demo;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use xtask::codegen::codegen;
use xtask::diff::{Change, at_revision, changelog, diff, next_version};
use xtask::import::{Swagger, import};
use xtask::lint::lint;
use xtask::load::Document;
use xtask::style;
use xtask::write::replace;

/// Developer tasks of the SentinelOne SDK.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generates crates/sentinelone from the spec.
    Codegen {
        /// Writes nothing; prints what is stale and exits with 1 if anything is.
        #[arg(long)]
        check: bool,
        /// The spec.
        #[arg(long, default_value = SPEC)]
        spec: PathBuf,
        /// The crate to write.
        #[arg(long, default_value = CRATE)]
        out: PathBuf,
    },
    /// Checks the spec for faults and against the rules of style; exits with 1 if there is any.
    Lint {
        /// Mends what can be mended without a decision.
        #[arg(long)]
        fix: bool,
        /// The spec.
        #[arg(default_value = SPEC)]
        file: PathBuf,
    },
    /// Tells how the spec differs from an earlier one, and whom that breaks; proposes an entry for
    /// the changelog and the next version.
    Diff {
        /// The revision of git that has the earlier spec.
        #[arg(default_value = "HEAD")]
        revision: String,
        /// The spec.
        #[arg(long, default_value = SPEC)]
        spec: PathBuf,
    },
    /// Adds operations of the Swagger document that a console serves to the spec.
    Import {
        /// The document, as JSON.
        swagger: PathBuf,
        /// Operations, such as 'GET /web/api/v2.1/agents'.
        operations: Vec<String>,
        /// Adds all operations.
        #[arg(long, conflicts_with = "operations")]
        all: bool,
        /// Shows the operations, and what each would need; writes nothing.
        #[arg(long)]
        list: bool,
        /// The spec.
        #[arg(long, default_value = SPEC)]
        spec: PathBuf,
    },
    /// Generates the SDK, and pulls threats through it from an embedded console or a real one.
    Demo(demo::Demo),
}

/// The spec, from the root of the workspace.
const SPEC: &str = "spec/sentinelone.yaml";

/// The generated crate, from the root of the workspace.
const CRATE: &str = "crates/sentinelone";

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    // The document is not in the workspace, so that its path is one from where the user is.
    if let Task::Import { swagger, .. } = &mut arguments.task
        && let Ok(here) = std::env::current_dir()
        && root != Some(&*here)
    {
        *swagger = here.join(&*swagger);
    }
    // Cargo sets the directory of xtask; tasks run from the root of the workspace.
    if let Some(root) = root
        && let Err(error) = std::env::set_current_dir(root)
    {
        eprintln!("error: cannot change to {}: {error}", root.display());
        return ExitCode::FAILURE;
    }
    let outcome = match arguments.task {
        Task::Codegen { check, spec, out } => run_codegen(&spec, &out, check),
        Task::Lint { fix, file } => run_lint(&file, fix),
        Task::Diff { revision, spec } => run_diff(&revision, &spec),
        Task::Import { swagger, operations, all, list, spec } => {
            run_import(&swagger, &spec, &operations, all, list)
        }
        Task::Demo(demo) => run_codegen(Path::new(SPEC), Path::new(CRATE), false)
            .and_then(|code| if code == ExitCode::SUCCESS { demo.run() } else { Ok(code) }),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run_codegen(spec: &Path, out: &Path, check: bool) -> Result<ExitCode> {
    let report = codegen(spec, out, check)?;
    for change in &report.changes {
        if check {
            println!("{}", change.diff(out));
        } else {
            println!("{:>9}  {}", change.verb(), out.join(&change.path).display());
        }
    }
    let stale = report.changes.len();
    println!(
        "{}: {}; {stale} file{} {}, {} unchanged; {:.2} s",
        spec.display(),
        report.counts,
        if stale == 1 { "" } else { "s" },
        if check { "stale" } else { "written" },
        report.unchanged,
        report.elapsed.as_secs_f64()
    );
    if check && stale != 0 {
        let names: Vec<_> = report
            .changes
            .iter()
            .map(|change| out.join(&change.path).display().to_string())
            .collect();
        eprintln!(
            "error: stale: {}\nrun `cargo xtask codegen` and commit what it writes",
            names.join(", ")
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn run_lint(file: &Path, fix: bool) -> Result<ExitCode> {
    let report = style::check_file(file, fix)?;
    if let Some(faults) = report.faults() {
        println!("{faults}");
    }
    println!("{report}");
    Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The version in the workspace's manifest, which is that of the generated crate.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn run_diff(revision: &str, spec: &Path) -> Result<ExitCode> {
    let before = at_revision(revision, spec)?;
    let after = Document::load(spec)?;
    lint(&after)?;
    let changes = diff(&before, &after)?;
    if changes.is_empty() {
        println!("{}: as in {revision}; the version stays {VERSION}", spec.display());
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:<10}  {:<10}  change", "rust", "wire");
    for change in &changes {
        println!("{change}");
    }
    let next = next_version(VERSION, &changes).unwrap_or_else(|| "?".to_owned());
    println!("\n## {next}\n\n{}", changelog(&changes));
    let (count, breaking) =
        (changes.len(), changes.iter().filter(|it| Change::is_breaking(it)).count());
    let plural = if count == 1 { "" } else { "s" };
    println!("{count} change{plural}, {breaking} of them breaking; {next} follows {VERSION}");
    Ok(ExitCode::SUCCESS)
}

fn run_import(
    swagger: &Path,
    spec: &Path,
    operations: &[String],
    all: bool,
    list: bool,
) -> Result<ExitCode> {
    if operations.is_empty() && !all && !list {
        bail!("no operation is named; write such as 'GET /web/api/v2.1/agents', --all or --list");
    }
    let swagger = Swagger::load(swagger)?;
    let names = (!operations.is_empty()).then_some(operations);
    let import = import(&swagger, &Document::load(spec)?, names)?;
    if list {
        print!("{}", import.list());
        return Ok(ExitCode::SUCCESS);
    }
    for (file, text) in &import.texts {
        replace(Path::new(file), text).with_context(|| format!("writing {file}"))?;
    }
    println!("{import}");
    let is_left_out = !all && import.operations.iter().any(|it| it.made.is_err());
    Ok(if is_left_out { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
