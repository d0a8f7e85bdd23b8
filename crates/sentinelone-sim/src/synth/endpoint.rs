//! One endpoint of the fleet. Many threats are found on the same one.

use super::fleet::{self, Family, Platform};
use super::{DAY, Random, Stream, id};

pub(crate) struct Endpoint {
    pub(crate) platform: &'static Platform,
    pub(crate) id: String,
    pub(crate) uuid: String,
    pub(crate) host: String,
    pub(crate) domain: String,
    /// Who logged in last; empty where nobody does.
    pub(crate) user: &'static str,
    pub(crate) os: (&'static str, &'static str),
    pub(crate) machine_type: &'static str,
    pub(crate) version: &'static str,
    pub(crate) account: Scope,
    pub(crate) site: Scope,
    pub(crate) group: Scope,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) external_ip: String,
    pub(crate) registered: i64,
    pub(crate) cloud_account: String,
    pub(crate) instance: String,
    pub(crate) region: &'static str,
    pub(crate) state: State,
}

/// An account, site or group.
pub(crate) struct Scope {
    pub(crate) id: String,
    pub(crate) name: &'static str,
}

pub(crate) struct Interface {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) physical: String,
    pub(crate) inet: Vec<String>,
    pub(crate) inet6: Vec<String>,
}

/// What the console last heard of the endpoint.
pub(crate) struct State {
    pub(crate) decommissioned: bool,
    pub(crate) active: bool,
    pub(crate) active_threats: u64,
    pub(crate) mitigation_mode: &'static str,
    pub(crate) scan: &'static str,
    pub(crate) scan_started: i64,
    pub(crate) scan_ended: i64,
    pub(crate) reboot_needed: bool,
}

/// The first of June 2018: endpoints register in the four years from then.
const FIRST_REGISTRATION: i64 = 1_527_811_200_000_000;

/// The first of July 2017: accounts, sites and groups are made in the months from then.
const FIRST_SITE: i64 = 1_498_867_200_000_000;

impl Endpoint {
    pub(crate) fn new(seed: u64, number: u64) -> Endpoint {
        let mut random = Random::new(&[seed, Stream::Agent as u64, number]);
        let random = &mut random;
        let platform = random.weighted(fleet::PLATFORMS.iter(), |platform| platform.weight);
        let registered = FIRST_REGISTRATION + random.between(0, 4 * 365 * DAY);
        let region = random.pick(fleet::REGIONS);
        let host = random.pick(platform.hosts).replace('#', &format!("{number:03}"));
        let host = host.replace("{region}", region);
        let uuid = match platform.family {
            Family::Windows => random.hex(32),
            Family::MacOs => random.uuid().to_uppercase(),
            Family::Linux => random.uuid(),
        };
        let [account, site, group] = scopes(seed, random);
        Endpoint {
            platform,
            id: id(registered, random),
            uuid,
            host,
            domain: random.pick(platform.domains).replace("{region}", region),
            user: if platform.personal { random.pick(fleet::USERS) } else { "" },
            os: random.pick(platform.systems),
            machine_type: random.pick(platform.machine_types),
            version: random.pick(platform.agent_versions),
            account,
            site,
            group,
            interfaces: interfaces(platform, registered, random),
            external_ip: format!("203.0.113.{}", 1 + random.below(254)),
            registered,
            cloud_account: format!("{:012}", 100_000_000_000 + random.below(3)),
            instance: format!("i-{}", random.hex(17)),
            region,
            state: State::new(registered, random),
        }
    }

    /// All IPv4 addresses, as the console joins them.
    pub(crate) fn ip_v4(&self) -> String {
        let addresses: Vec<_> = self.interfaces.iter().flat_map(|it| &it.inet).cloned().collect();
        addresses.join(",")
    }

    /// All IPv6 addresses, as the console joins them.
    pub(crate) fn ip_v6(&self) -> String {
        let addresses: Vec<_> = self.interfaces.iter().flat_map(|it| &it.inet6).cloned().collect();
        addresses.join(",")
    }
}

impl State {
    fn new(registered: i64, random: &mut Random) -> State {
        let decommissioned = random.percent(4);
        let scan_started = registered + random.between(0, 90 * DAY);
        State {
            decommissioned,
            active: !decommissioned && random.percent(80),
            active_threats: if random.percent(60) { 0 } else { 1 + random.below(12) },
            mitigation_mode: random.pick(&["protect", "protect", "protect", "detect"]),
            scan: random.pick(&["finished", "finished", "finished", "started", "aborted", "none"]),
            scan_started,
            scan_ended: scan_started + random.between(DAY / 48, DAY / 4),
            reboot_needed: random.percent(5),
        }
    }
}

fn scopes(seed: u64, random: &mut Random) -> [Scope; 3] {
    let account = random.below(fleet::ACCOUNTS.len() as u64);
    let (account_name, sites) = fleet::ACCOUNTS[account as usize];
    let site = random.below(sites.len() as u64);
    let (site_name, groups) = sites[site as usize];
    let group = random.below(groups.len() as u64);
    // The same scope has the same id, whichever endpoint is in it.
    let scope = |place: &[u64], name| {
        let mut random = Random::new(&[&[seed, Stream::Site as u64], place].concat());
        let made = FIRST_SITE + random.between(0, 200 * DAY);
        Scope { id: id(made, &mut random), name }
    };
    [
        scope(&[account], account_name),
        scope(&[account, site], site_name),
        scope(&[account, site, group], groups[group as usize]),
    ]
}

fn interfaces(platform: &Platform, registered: i64, random: &mut Random) -> Vec<Interface> {
    let count = 1 + random.below(platform.interfaces.len() as u64) as usize;
    let mut interface = |(index, name): (usize, &&'static str)| {
        let octets: Vec<String> = (0..5).map(|_| random.hex(2)).collect();
        let has_inet6 = random.percent(70);
        let inet = format!("10.{}.{}.{}", 32 + index, random.below(256), 1 + random.below(254));
        Interface {
            id: id(registered, random),
            name,
            physical: format!("02:{}", octets.join(":")),
            inet: if index == 0 || random.percent(50) { vec![inet] } else { Vec::new() },
            inet6: has_inet6.then(|| format!("fe80::{}", random.hex(4))).into_iter().collect(),
        }
    };
    platform.interfaces.iter().take(count).enumerate().map(&mut interface).collect()
}
