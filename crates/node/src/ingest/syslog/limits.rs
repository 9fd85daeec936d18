//! What bounds senders that prove nothing: memory, connections, peers, and how often the log speaks of them.

use ipnet::IpNet;
use std::{
    collections::HashMap,
    fs,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Connections a port takes at a time.
const PORT_CONNECTIONS: usize = 1024;
/// Connections all ports of a node take at a time, at most half of the files the process may have open.
const NODE_CONNECTIONS: usize = 8192;
/// Files a process may have open where the system does not tell.
const FILES: usize = 1024;
/// A connection may lose its place to a new one when it brought nothing for so long.
const QUIET: Duration = Duration::from_secs(60);
/// How often the log speaks of one thing.
const RARELY_US: i64 = 60_000_000;

/// Bytes that all senders of a node may have in memory beyond what each has for nothing.
#[derive(Debug)]
pub(super) struct Budget {
    used: AtomicUsize,
    limit: usize,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Self {
        Self { used: AtomicUsize::new(0), limit }
    }

    /// Takes bytes, or nothing.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let used = self.used.fetch_add(bytes, Ordering::Relaxed);
        if used + bytes <= self.limit {
            return true;
        }
        self.give(bytes);
        false
    }

    /// Gives bytes back.
    pub(super) fn give(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Who may send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Peers(Vec<IpNet>);

impl Peers {
    /// Reads addresses and networks; the error names the first that is neither.
    pub(super) fn read(allowed: &[String]) -> Result<Self, String> {
        let net = |text: &String| {
            let text = text.trim();
            let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            net.map_err(|_| format!("allowed: `{text}` is neither an address nor a network"))
        };
        allowed.iter().map(net).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address may send; anybody may when nobody is named.
    pub(super) fn allow(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.is_empty() || self.0.iter().any(|net| net.contains(&peer))
    }
}

/// Something worth a line in the log, at most once a minute.
#[derive(Debug, Default)]
pub(super) struct Rarely {
    last: AtomicI64,
    count: AtomicU64,
}

impl Rarely {
    /// It happened so many times more. Once a minute: how many times since it was last said.
    pub(super) fn happened(&self, times: u64, now_us: i64) -> Option<u64> {
        self.count.fetch_add(times, Ordering::Relaxed);
        let last = self.last.load(Ordering::Relaxed);
        let due = last == 0 || now_us - last >= RARELY_US;
        let mine = due && self.last.compare_exchange(last, now_us.max(1), Ordering::Relaxed, Ordering::Relaxed).is_ok();
        mine.then(|| self.count.swap(0, Ordering::Relaxed))
    }
}

/// The connections of a node.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Mutex<Taken>>);

impl Default for Places {
    fn default() -> Self {
        let files = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(open_files).unwrap_or(FILES);
        let limit = NODE_CONNECTIONS.min(files / 2);
        Self(Arc::new(Mutex::new(Taken { limit, last: 0, by_port: HashMap::new(), connections: HashMap::new() })))
    }
}

/// The soft limit of open files in the kernel's table of limits.
fn open_files(limits: &str) -> Option<usize> {
    let soft = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?;
    if soft == "unlimited" { Some(usize::MAX) } else { soft.parse().ok() }
}

#[derive(Debug)]
struct Taken {
    limit: usize,
    last: u64,
    by_port: HashMap<u64, usize>,
    connections: HashMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    port: u64,
    heard: Arc<AtomicI64>,
    stop: CancellationToken,
}

/// A connection's place; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    id: u64,
    heard: Arc<AtomicI64>,
    /// Ends the connection: the port closes, the node stops, or another takes the place.
    pub(super) stop: CancellationToken,
}

impl Place {
    /// The connection brought an event.
    pub(super) fn heard(&self, now_us: i64) {
        self.heard.store(now_us, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().remove(self.id);
    }
}

impl Places {
    /// A place for a new connection. When there is none, the connection that brought nothing for longest makes way, if that is a minute.
    pub(super) fn enter(&self, port: u64, port_stops: &CancellationToken, now_us: i64) -> Option<Place> {
        let mut taken = self.lock();
        let port_full = taken.by_port.get(&port).is_some_and(|count| *count >= PORT_CONNECTIONS);
        if port_full || taken.connections.len() >= taken.limit {
            let quiet = taken.quietest(port_full.then_some(port), now_us)?;
            taken.remove(quiet)?.stop.cancel();
        }
        taken.last += 1;
        let (id, heard, stop) = (taken.last, Arc::new(AtomicI64::new(now_us)), port_stops.child_token());
        taken.connections.insert(id, Connection { port, heard: Arc::clone(&heard), stop: stop.clone() });
        *taken.by_port.entry(port).or_default() += 1;
        drop(taken);
        metrics::gauge!("bailiwick_syslog_connections").increment(1);
        Some(Place { places: self.clone(), id, heard, stop })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn quietest(&self, port: Option<u64>, now_us: i64) -> Option<u64> {
        let of_port = self.connections.iter().filter(|(_, connection)| port.is_none_or(|port| connection.port == port));
        let (id, heard) = of_port.map(|(id, connection)| (*id, connection.heard.load(Ordering::Relaxed))).min_by_key(|(_, heard)| *heard)?;
        let quiet_us = i64::try_from(QUIET.as_micros()).unwrap_or(i64::MAX);
        (now_us - heard >= quiet_us).then_some(id)
    }

    fn remove(&mut self, id: u64) -> Option<Connection> {
        let connection = self.connections.remove(&id)?;
        if let Some(count) = self.by_port.get_mut(&connection.port) {
            *count -= 1;
            if *count == 0 {
                self.by_port.remove(&connection.port);
            }
        }
        metrics::gauge!("bailiwick_syslog_connections").decrement(1);
        Some(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    #[test]
    fn peers_are_addresses_and_networks_and_nobody_named_means_anybody() {
        let peers = Peers::read(&["10.1.0.0/16".into(), " 192.0.2.7 ".into(), "2001:db8::/32".into()]).unwrap();
        for (peer, allowed) in
            [("10.1.2.3", true), ("10.2.2.3", false), ("192.0.2.7", true), ("::ffff:10.1.9.9", true), ("2001:db8::1", true), ("2001:db9::1", false)]
        {
            assert_eq!(peers.allow(peer.parse().unwrap()), allowed, "{peer}");
        }
        assert!(Peers::read(&[]).unwrap().allow("203.0.113.1".parse().unwrap()));
        assert!(Peers::read(&["10.0.0.0/99".into()]).unwrap_err().contains("10.0.0.0/99"));
    }

    #[test]
    fn a_full_port_makes_room_only_by_whom_it_did_not_hear_for_a_minute() {
        let (places, stop) = (Places::default(), CancellationToken::new());
        places.lock().limit = 2 * PORT_CONNECTIONS;
        let mut held: Vec<Place> = (0..PORT_CONNECTIONS).map(|_| places.enter(1, &stop, 1).unwrap()).collect();
        assert!(places.enter(1, &stop, MINUTE).is_none(), "nobody was quiet for a minute");
        assert!(places.enter(2, &stop, MINUTE).is_some(), "another port has room");
        for place in &held[1..] {
            place.heard(MINUTE);
        }
        let new = places.enter(1, &stop, MINUTE + 1).unwrap();
        assert!(held[0].stop.is_cancelled() && !held[1].stop.is_cancelled() && !new.stop.is_cancelled());
        assert!(places.enter(1, &stop, MINUTE + 2).is_none());
        held.truncate(100);
        assert!(places.enter(1, &stop, MINUTE + 3).is_some());
        drop((held, new));
        assert!(places.lock().by_port.is_empty());
    }

    #[test]
    fn the_limit_of_open_files_is_read() {
        let table = "Limit                     Soft Limit           Hard Limit           Units\nMax open files            2048                 524288               files\n";
        assert_eq!((open_files(table), open_files("Max open files            unlimited")), (Some(2048), Some(usize::MAX)));
    }

    #[test]
    fn a_node_that_is_full_makes_room_by_any_port() {
        let (places, stop) = (Places::default(), CancellationToken::new());
        places.lock().limit = 2;
        let (one, _two) = (places.enter(1, &stop, 1).unwrap(), places.enter(2, &stop, 2).unwrap());
        assert!(places.enter(3, &stop, 3).is_none());
        assert!(places.enter(3, &stop, MINUTE + 5).is_some() && one.stop.is_cancelled());
    }

    #[test]
    fn a_budget_is_never_over() {
        let budget = Budget::new(100);
        assert!(budget.take(60) && !budget.take(41) && budget.take(40));
        budget.give(1);
        assert!(!budget.take(2) && budget.take(1));
    }

    #[test]
    fn the_log_speaks_once_a_minute_and_counts() {
        let rarely = Rarely::default();
        assert_eq!(rarely.happened(2, 5), Some(2));
        assert_eq!((rarely.happened(3, 6), rarely.happened(1, MINUTE)), (None, None));
        assert_eq!(rarely.happened(1, MINUTE + 6), Some(5));
    }
}
