"""A node under measurement: started from the release binary on loopback, set up through its API, its processor time read from the kernel.
Standard library only."""
import gzip, http.client, http.cookiejar, json, os, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("BAILIWICK_BINARY", os.path.join(ROOT, "target", "release", "bailiwick"))
PASSWORD = "correct horse battery staple"
TICKS = os.sysconf("SC_CLK_TCK")


def machine():
    load = open("/proc/loadavg").read().split()[:3]
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(f"machine: {os.cpu_count()} x {model}, load {' '.join(load)}, commit {commit}", flush=True)


def cpu_seconds(pid):
    parts = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / TICKS


def rss_mib(pid, peak=False):
    key = "VmHWM:" if peak else "VmRSS:"
    return next(int(l.split()[1]) / 1024 for l in open(f"/proc/{pid}/status") if l.startswith(key))


class Session:
    """Somebody signed in at a node."""

    def __init__(self, base):
        self.base, self.csrf = base, ""
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def call(self, method, path, body=None, deadline=120):
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "x-csrf-token": self.csrf}
        request = urllib.request.Request(self.base + path, method=method, data=data, headers=headers)
        try:
            text = self.opener.open(request, timeout=deadline).read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]}") from None
        return json.loads(text) if text else None

    def use_link(self, link, name=None):
        me = self.call("POST", "/api/v1/setup", {"token": link.split("#")[1], "name": name, "password": PASSWORD})
        self.csrf = me["csrf"]
        return self


class Node:
    def __init__(self, rules=(), starter=False, settings="", data=None):
        self.data = data or tempfile.mkdtemp(prefix="bailiwick-bench-")
        config = os.path.join(self.data, "bench.toml")
        os.makedirs(self.data, exist_ok=True)
        open(config, "w").write(settings + '\n[log]\nfilter = "warn"\n')
        command = [BINARY, "node", "--region", "eu", "--data", os.path.join(self.data, "node"), "--listen", "127.0.0.1:0", "--config", config]
        for path in rules:
            command += ["--rules", path]
        if not starter:
            command += ["--no-starter-rules"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.base = self.process.stdout.readline().split()[-1].rstrip("/")
        link = self.process.stdout.readline().split()[-1]
        self.operator = Session(self.base).use_link(link, "operator")

    def workspace(self, name):
        made = self.operator.call("POST", "/api/v1/workspaces", {"name": name, "admin": f"{name}-admin"})
        return Session(self.base).use_link(made["link"]["link"])

    def cpu(self):
        return cpu_seconds(self.pid)

    def sender(self, key):
        return Sender(self.base, key)

    def directory(self):
        return os.path.join(self.data, "node", "workspaces")

    def stop(self, keep=False):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        if not keep:
            shutil.rmtree(self.data, ignore_errors=True)


class Sender:
    """One connection that posts bodies; a node that is busy is asked again, as every shipper does."""

    def __init__(self, base, key):
        self.host = base.split("//")[1]
        self.headers = {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"}
        self.connection = http.client.HTTPConnection(self.host, timeout=120)
        self.waits = 0

    def post(self, body, path="/ingest/v1/events", compress=False):
        headers = dict(self.headers)
        if compress:
            body, headers["content-encoding"] = gzip.compress(body, 1), "gzip"
        while True:
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            if answer.status == 200:
                return json.loads(text)
            if answer.status not in (429, 503):
                raise RuntimeError(f"{answer.status} {text[:500]}")
            self.waits += 1
            time.sleep(min(float(answer.headers.get("retry-after", 1)), 0.25))


def settled(admin, events, deadline=600):
    """Waits until everything received is in files, signals made: the meters move with the files."""
    until = time.time() + deadline
    while time.time() < until:
        page = admin.call("GET", "/api/v1/meters?grain=3600")
        if sum(m["received"] for m in page["data"]) >= events:
            return page["data"]
        time.sleep(0.2)
    raise RuntimeError(f"not stored after {deadline} s")


def bodies(path, size=1 << 20, repeat=1):
    """The lines of a file in bodies of about `size` bytes, with their counts."""
    for _ in range(repeat):
        with open(path, "rb") as lines:
            while chunk := lines.readlines(size):
                yield b"".join(chunk), len(chunk)


def unpacked(path, to):
    """A plain copy of a file that may be compressed."""
    if not path.endswith(".zst"):
        return path
    out = os.path.join(to, os.path.basename(path)[:-4])
    if not os.path.exists(out):
        subprocess.run(["zstd", "-dqf", path, "-o", out], check=True)
    return out


def need(condition, what):
    if not condition:
        sys.exit(what)
