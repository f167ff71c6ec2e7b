//! Addresses and networks, IPv4 or IPv6.

use std::net::IpAddr;

use super::super::Scope;
use super::super::ports::whole_number;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::source::{Place, SpecPath};

/// Networks as both servers read them, each once however it is written; reports what is none.
pub(super) fn resolve(scope: &mut Scope<'_, '_>, written: &[String], path: &SpecPath) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut known: Vec<(IpAddr, u8)> = Vec::new();
    for (index, network) in written.iter().enumerate() {
        let place = Place::Value(path.index(index));
        let Some(read) = read(network) else {
            let message = format!("`{network}` is neither an address nor a network");
            let finding = Finding::new(Code::InvalidValue, place, message, "not a network");
            scope.report(finding.help("write an address such as `203.0.113.7`, or a network such as `10.0.0.0/8`"));
            continue;
        };
        if let (IpAddr::V6(v6), 96..) = read
            && let Some(v4) = v6.to_ipv4_mapped()
        {
            let message = format!("a client of IPv4 comes as `{v4}`, and never as `{network}`");
            let finding = Finding::new(Code::InvalidValue, place, message, "matches nobody");
            let bits = if read.1 == 128 { String::new() } else { format!("/{}", read.1 - 96) };
            scope.report(finding.help(format!("write `{v4}{bits}`")));
            continue;
        }
        if !known.contains(&read) {
            known.push(read);
            all.push(network.clone());
        }
    }
    all
}

fn read(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(whole_number::<u8>(bits)?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    // What lies beyond the mask must be zero: nginx would warn, and a reader would wonder.
    let (whole, rest) = match address {
        IpAddr::V4(v4) => (32, bits.map(|bits| u32::from(v4).checked_shl(bits.into()).unwrap_or(0).into())),
        IpAddr::V6(v6) => (128, bits.map(|bits| u128::from(v6).checked_shl(bits.into()).unwrap_or(0))),
    };
    let bits = bits.unwrap_or(whole);
    (bits <= whole && rest.unwrap_or(0) == 0).then_some((address, bits))
}
