//! The playbook against a simulated console.

use std::error::Error;

use playbook::escalate;
use sentinelone::Client;
use sentinelone_sim::Simulator;

const CONFIRMED: &str = r#"{"threatInfo": {"analystVerdict": "true_positive"}}"#;

#[tokio::test]
async fn what_an_analyst_confirms_is_escalated() -> Result<(), Box<dyn Error>> {
    let console = Simulator::builder().threats(1_000).start().await?;
    let client = Client::builder().url(console.url()).token(console.token()).build()?;
    let new = console.threats().add(3)?;
    console.threats().change(&new[1..2], &CONFIRMED.parse()?)?;

    let escalation = escalate(&client).await?;
    assert_eq!(escalation.threats, new[1..2]);
    Ok(())
}

#[tokio::test]
async fn a_bad_day_loses_nothing() -> Result<(), Box<dyn Error>> {
    let faults = "throttle:1,none,reset,truncate".parse()?;
    let console = Simulator::builder().threats(0).faults(faults).start().await?;
    let client = Client::builder().url(console.url()).token(console.token()).build()?;
    let new = console.threats().add(1_500)?;
    console.threats().change(&new, &CONFIRMED.parse()?)?;

    let escalation = escalate(&client).await?;
    assert_eq!(escalation.threats, new);
    assert_eq!(escalation.sites.values().sum::<usize>(), new.len());
    assert_eq!(console.faults().len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_threat_that_cannot_be_read_is_handed_over() -> Result<(), Box<dyn Error>> {
    let faults = "wrong-type".parse()?;
    let console = Simulator::builder().threats(0).faults(faults).start().await?;
    let client = Client::builder().url(console.url()).token(console.token()).build()?;
    let new = console.threats().add(20)?;
    console.threats().change(&new, &CONFIRMED.parse()?)?;

    let escalation = escalate(&client).await?;
    assert_eq!((escalation.threats.len(), escalation.unread.len()), (19, 1));
    assert!(new.iter().any(|id| escalation.unread[0].raw().contains(id)));
    Ok(())
}
