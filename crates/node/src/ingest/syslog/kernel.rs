//! Datagrams the kernel dropped because a socket's buffer was full: the machine received them, so they show.

use std::{
    collections::HashMap,
    fs,
    os::fd::AsRawFd,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How old what was read of the kernel may be while a socket is open.
pub(super) const FRESH: Duration = Duration::from_millis(500);
/// The kernel's tables of UDP sockets.
const TABLES: [&str; 2] = ["/proc/net/udp", "/proc/net/udp6"];

/// What the kernel counted, by inode of the socket; read once for all sockets that ask at about the same time.
#[derive(Debug, Default)]
pub(super) struct KernelDrops(Mutex<Option<(Instant, HashMap<u64, u64>)>>);

impl KernelDrops {
    /// Datagrams dropped at a socket since it was opened, as of `age` ago at the most. None where the kernel does not tell.
    pub(super) fn of(&self, inode: u64, age: Duration) -> Option<u64> {
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if read.as_ref().is_none_or(|(at, _)| at.elapsed() >= age) {
            let tables = TABLES.iter().filter_map(|table| fs::read_to_string(table).ok());
            *read = Some((Instant::now(), tables.flat_map(|table| drops(&table)).collect()));
        }
        read.as_ref()?.1.get(&inode).copied()
    }
}

/// The inode of a socket, as the kernel's tables name it.
pub(super) fn inode(socket: &impl AsRawFd) -> Option<u64> {
    let link = fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).ok()?;
    link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// Inode and drops of each socket of a table.
fn drops(table: &str) -> Vec<(u64, u64)> {
    let socket = |line: &str| {
        let mut words = line.split_whitespace();
        let inode = words.nth(9)?.parse().ok()?;
        Some((inode, words.nth(2)?.parse().ok()?))
    };
    table.lines().skip(1).filter_map(socket).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_table_is_read() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  \
                     312: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48213 2 0000000000000000 17\n";
        assert_eq!(drops(table), [(48213, 17)]);
    }

    #[test]
    fn a_socket_that_is_not_read_drops_and_shows() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let Some(inode) = inode(&socket) else { return eprintln!("skipped: no /proc here") };
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..40_000 {
            sender.send_to(&[b'x'; 1000], socket.local_addr().unwrap()).unwrap();
        }
        assert!(KernelDrops::default().of(inode, FRESH).unwrap() > 0);
    }
}
