//! Pulls all threats of a console with the generated client, and shows the first ones.
//!
//! `cargo xtask demo` runs this after it has generated the client.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use futures_util::TryStreamExt;
use sentinelone::Client;
use sentinelone::threats::{GetThreatsQuery, Threat};
use sentinelone_sim::Simulator;

#[derive(Parser)]
struct Arguments {
    /// A console's URL, with the API token in SENTINELONE_TOKEN.
    #[arg(long)]
    url: Option<String>,
    /// How many threats the embedded console has.
    #[arg(long, default_value_t = 5_000)]
    threats: u32,
}

/// How many threats are shown.
const SHOWN: usize = 12;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(cause) = source {
                text.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let (client, _simulator) = match arguments.url {
        Some(url) => (Client::builder().environment().url(url).build()?, None),
        None => {
            let simulator = Simulator::builder().threats(arguments.threats).start().await?;
            println!("embedded console at {}", simulator.url());
            let builder = Client::builder().url(simulator.url()).token(simulator.token());
            (builder.build()?, Some(simulator))
        }
    };

    let start = Instant::now();
    let (mut threats, mut pages, mut malformed) = (0, 0, 0);
    let mut stream = client.get_threats_pages(&GetThreatsQuery::new());
    println!("{}", row(["CREATED", "CLASSIFICATION", "VERDICT", "COMPUTER", "THREAT"]));
    while let Some(page) = stream.try_next().await? {
        pages += 1;
        for record in page.records() {
            match record.decode() {
                Ok(threat) if threats < SHOWN => println!("{}", show(threat)),
                Ok(_) => {}
                Err(error) => {
                    malformed += 1;
                    eprintln!("{error}");
                }
            }
            threats += 1;
        }
    }
    if SHOWN < threats {
        println!("… and {} more", threats - SHOWN);
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{threats} threats on {pages} pages in {seconds:.2} s, {malformed} malformed");
    Ok(())
}

fn show(threat: Threat) -> String {
    let info = threat.threat_info.unwrap_or_default();
    let agent = threat.agent_realtime_info.unwrap_or_default();
    let created = info.created_at.map(|at| at.format("%Y-%m-%d %H:%M").to_string());
    row([
        created.as_deref().unwrap_or("-"),
        info.classification.as_deref().unwrap_or("-"),
        info.analyst_verdict.as_ref().map_or("-", |verdict| verdict.as_str()),
        agent.agent_computer_name.as_deref().unwrap_or("-"),
        info.threat_name.as_deref().unwrap_or("-"),
    ])
}

fn row(cells: [&str; 5]) -> String {
    let [created, classification, verdict, computer, threat] = cells;
    format!("{created:16}  {classification:14}  {verdict:14}  {computer:24.24}  {threat}")
}
