//! What to try when a customer is not up, by cause, the likeliest first.

use bailiwick_api::{HealthCause, LinkKind};

/// Sentences for people. How a node is started differs from place to place, so none names a command of an operating system.
pub(crate) fn advice(cause: Option<HealthCause>, link: LinkKind) -> Vec<String> {
    use HealthCause as C;
    let Some(cause) = cause else { return Vec::new() };
    let sentences: &[&str] = match cause {
        C::AddressNotFound => &[
            "Check the server name under Edit customer: it may be misspelt or have changed.",
            "Ask the name server of this console for it; the console's own name service may be down.",
        ],
        C::ConnectionRefused => &[
            "The machine is up and the node is not: start the node, and read its log if it stops again.",
            "Check the port under Edit customer against the address the node says it listens on.",
        ],
        C::Unreachable => &[
            "Check that the machine is on and connected.",
            "Check firewalls and routes from this console to the node's address and port.",
            "If the node moved, enter its new address under Edit customer; history stays.",
        ],
        C::Timeout => &[
            "The node is connected to and does not answer: look at its load, memory and disk.",
            "If it does not recover, restart it: what was acknowledged is kept, and it catches up by itself.",
        ],
        C::TlsFailed => &[
            "The node's certificate may have ended or been replaced: compare its fingerprint, and accept the new one under Edit customer.",
            "Check that the connection type under Edit customer is the one the node speaks.",
        ],
        C::WrongServer => {
            &["Something else than a node answers, such as a proxy or another product: check server, port and connection type under Edit customer."]
        }
        C::WrongNode => &[
            "Another node answers at this address: if the customer's data moved there, edit the customer to enrol it there; otherwise correct the address.",
        ],
        C::NodeError => &["The node answers with an error of its own: read its log, and restart it if the error stays."],
        C::NotConnected => &[
            "The node dials this console by itself. Check that it runs.",
            "Check that it can reach this console's address; a proxy or firewall on its side must let WebSockets out.",
            "If it was set up anew, make a new enrolment code for it.",
        ],
        C::Version => &["Update the older of the two: node and console work together within one minor version."],
        C::NotEnrolled => &[
            "The customer's administrator may have ended the relationship: ask them. With their consent, add the customer again.",
            "Check the clocks of both sides: an assertion is good for one minute.",
        ],
        C::SyncFailed => &["Look at the Sync tab for the code of the failure; it is tried again by itself, or at once with Sync Now."],
        C::Component => &["Look at the parts of the node below: each says since when and why."],
        C::Slow => &["The node answers late: look at its load, at its disk, and at the line between."],
    };
    let outbound = link == LinkKind::Outbound && cause == C::Timeout;
    let more = outbound.then_some("The line may have broken without a word; the node dials anew within a minute.");
    sentences.iter().copied().chain(more).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_something_to_try() {
        for cause in HealthCause::ALL {
            assert!(!advice(Some(*cause), LinkKind::Direct).is_empty(), "{cause}");
        }
        assert!(advice(None, LinkKind::Direct).is_empty());
    }
}
