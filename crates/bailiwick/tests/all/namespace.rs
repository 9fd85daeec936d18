//! A network of its own whose wall lets connections out and none in, as behind NAT.

use std::{
    net::Ipv4Addr,
    process::{Command, Stdio},
};

/// Gone when dropped, with everything that still runs in it reachable by nobody.
pub(crate) struct Namespace {
    name: String,
    device: String,
    /// Address of this side.
    pub(crate) outside: Ipv4Addr,
    /// Address of the side behind the wall.
    pub(crate) inside: Ipv4Addr,
}

impl Namespace {
    /// Makes one; says what is missing when it cannot: rights, `ip` or `nft`.
    pub(crate) fn new() -> Result<Self, String> {
        let id = std::process::id();
        let [_, _, high, low] = id.to_be_bytes();
        let net = |last| Ipv4Addr::new(10, 240 | (high & 0x0f), low, last);
        let made = Self { name: format!("bailiwick-{id}"), device: format!("bwk{id}"), outside: net(1), inside: net(2) };
        let (name, near, far) = (made.name.as_str(), made.device.as_str(), "wan0");
        let (outside, inside) = (format!("{}/24", made.outside), format!("{}/24", made.inside));
        run("ip", &["netns", "add", name])?;
        run("ip", &["link", "add", near, "type", "veth", "peer", "name", far, "netns", name])?;
        run("ip", &["addr", "add", &outside, "dev", near])?;
        run("ip", &["link", "set", near, "up"])?;
        for command in [vec!["addr", "add", &inside, "dev", far], vec!["link", "set", far, "up"], vec!["link", "set", "lo", "up"]] {
            run("ip", &[vec!["-n", name], command].concat())?;
        }
        let within = |rule: &[&str]| run("ip", &[&["netns", "exec", name, "nft"], rule].concat());
        within(&["add", "table", "inet", "wall"])?;
        within(&["add", "chain", "inet", "wall", "in", "{ type filter hook input priority 0; policy accept; }"])?;
        within(&["add", "rule", "inet", "wall", "in", "iifname", far, "tcp", "flags", "&", "(syn|ack)", "==", "syn", "drop"])?;
        within(&["add", "rule", "inet", "wall", "in", "iifname", far, "ip", "protocol", "udp", "drop"])?;
        Ok(made)
    }

    /// The product's binary, to be run behind the wall.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, env!("CARGO_BIN_EXE_bailiwick")]);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _gone_already = run("ip", &["link", "del", &self.device]);
        let _gone_already = run("ip", &["netns", "del", &self.name]);
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let done = Command::new(program).args(arguments).stdin(Stdio::null()).output().map_err(|error| format!("{program}: {error}"))?;
    let said = || String::from_utf8_lossy(&done.stderr).trim().to_owned();
    if done.status.success() { Ok(()) } else { Err(format!("{program} {}: {}", arguments.join(" "), said())) }
}
