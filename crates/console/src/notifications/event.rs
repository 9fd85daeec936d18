//! What is told, and the words of a mail. Pure.

use bailiwick_api::{Health, NotificationEvent, ToldChange};
use std::fmt::Write;

/// Changes one event lists; the others are counted.
const LISTED: usize = 500;
/// Names a subject holds.
const NAMED: usize = 3;

/// Customers that changed.
pub(super) fn health(empty: &NotificationEvent, mut changes: Vec<ToldChange>) -> NotificationEvent {
    changes.sort_by(|a, b| (badness(b.to), a.name.to_lowercase()).cmp(&(badness(a.to), b.name.to_lowercase())));
    let more = u32::try_from(changes.len().saturating_sub(LISTED)).unwrap_or(u32::MAX);
    let subject = changed(&changes);
    changes.truncate(LISTED);
    NotificationEvent { subject, changes, more, ..empty.clone() }
}

/// The licence ends.
pub(super) fn licence(empty: &NotificationEvent, days: u32) -> NotificationEvent {
    let subject = match days {
        0 => "The licence has ended; collection goes on".to_owned(),
        1 => "The licence ends within a day".to_owned(),
        days => format!("The licence ends within {days} days"),
    };
    NotificationEvent { subject, days: Some(days), ..empty.clone() }
}

/// A trial.
pub(super) fn test(empty: &NotificationEvent) -> NotificationEvent {
    NotificationEvent { subject: "This is a test: notifications arrive here".into(), ..empty.clone() }
}

fn badness(health: Health) -> u8 {
    match health {
        Health::Up => 0,
        Health::Degraded => 1,
        Health::Unknown | Health::Down => 2,
    }
}

/// `Acme, Globex are down; Initech is up again`
fn changed(changes: &[ToldChange]) -> String {
    let parts = [Health::Down, Health::Degraded, Health::Up].into_iter().filter_map(|state| {
        let names: Vec<&str> = changes.iter().filter(|change| change.to == state).map(|change| change.name.as_str()).collect();
        let shown: Vec<String> = names.iter().take(NAMED).map(|name| short(name)).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let what = if state == Health::Up { "up again" } else { state.as_str() };
        match names.len() {
            0 => None,
            n if n > NAMED => Some(format!("{} and {} more {verb} {what}", shown.join(", "), n - NAMED)),
            _ => Some(format!("{} {verb} {what}", shown.join(", "))),
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// The text of a mail.
pub(super) fn text(event: &NotificationEvent, console_url: &str) -> String {
    let mut text = format!("{}\n", event.subject);
    for change in &event.changes {
        let _ = write!(
            text,
            "\n{} ({}, node {})\n  {} -> {} since {}\n",
            short(&change.name),
            change.region,
            change.node,
            change.from,
            change.to,
            change.since.format("%Y-%m-%d %H:%M:%S UTC")
        );
        if let Some(detail) = &change.detail {
            let _ = writeln!(text, "  {}{detail}", change.cause.map(|cause| format!("{cause}: ")).unwrap_or_default());
        }
        for advice in &change.advice {
            let _ = writeln!(text, "  - {advice}");
        }
    }
    if event.more > 0 {
        let _ = writeln!(text, "\n… and {} more.", event.more);
    }
    let _ = write!(text, "\n-- \n{} · {console_url}\n", event.console);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use bailiwick_api::HealthCause;
    use bailiwick_chassis::clock::from_us;

    fn empty() -> NotificationEvent {
        NotificationEvent {
            id: "n".into(),
            event: "customer.health".into(),
            time: from_us(0),
            console: "MSSP".into(),
            subject: String::new(),
            changes: Vec::new(),
            more: 0,
            days: None,
        }
    }

    fn change(name: &str, from: Health, to: Health) -> ToldChange {
        let down = to == Health::Down;
        ToldChange {
            customer: name.into(),
            name: name.into(),
            region: "eu".into(),
            node: "node-1".into(),
            from,
            to,
            since: from_us(0),
            cause: down.then_some(HealthCause::Timeout),
            detail: down.then(|| "no answer within 2000 ms".to_owned()),
            advice: if down { vec!["Restart it.".into()] } else { Vec::new() },
        }
    }

    #[test]
    fn one_event_tells_of_all_that_changed_the_worst_first() {
        let changes = vec![
            change("Initech", Health::Down, Health::Up),
            change("Globex", Health::Up, Health::Down),
            change("acme", Health::Up, Health::Down),
            change("Hooli", Health::Up, Health::Degraded),
        ];
        let event = health(&empty(), changes);
        assert_eq!(event.subject, "acme, Globex are down; Hooli is degraded; Initech is up again");
        let expected = [
            "acme, Globex are down; Hooli is degraded; Initech is up again",
            "",
            "acme (eu, node node-1)",
            "  up -> down since 1970-01-01 00:00:00 UTC",
            "  TIMEOUT: no answer within 2000 ms",
            "  - Restart it.",
            "",
            "Globex (eu, node node-1)",
            "  up -> down since 1970-01-01 00:00:00 UTC",
            "  TIMEOUT: no answer within 2000 ms",
            "  - Restart it.",
            "",
            "Hooli (eu, node node-1)",
            "  up -> degraded since 1970-01-01 00:00:00 UTC",
            "",
            "Initech (eu, node node-1)",
            "  down -> up since 1970-01-01 00:00:00 UTC",
            "",
            "-- ",
            "MSSP · https://console.example/",
        ];
        assert_eq!(text(&event, "https://console.example/").lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_whole_region_is_one_event_with_a_short_subject_and_a_count() {
        let event = health(&empty(), (0..700).map(|n| change(&format!("c{n:03}"), Health::Up, Health::Down)).collect());
        assert_eq!(event.subject, "c000, c001, c002 and 697 more are down");
        assert_eq!((event.changes.len(), event.more), (500, 200));
    }

    #[test]
    fn the_end_of_a_licence_is_told_in_days() {
        assert_eq!(
            [0, 1, 30].map(|days| licence(&empty(), days).subject),
            ["The licence has ended; collection goes on", "The licence ends within a day", "The licence ends within 30 days"]
        );
    }
}
