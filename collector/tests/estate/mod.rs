//! Real services and stand-ins on free ports of loopback, ended when dropped; and a shell loop as any account.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

#[path = "../piped/mod.rs"]
mod piped;
pub mod typed;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use collector::sampler::COMMAND;
use piped::Piped;
use sizewright_collector as collector;

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Starts the shell loop of a target in a shell (`dash`, `busybox sh`), as another account if one is named.
pub fn shell_loop(shell: &str, account: Option<&str>) -> Piped {
    let command = COMMAND.replace("/bin/sh", shell);
    let mut program = match account {
        Some(account) => as_account(account, "sh"),
        None => Command::new("sh"),
    };
    Piped::of(program.args(["-c", &command]))
}

/// Makes a command that runs as another account, where we may.
pub fn as_account(account: &str, program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", account, "--regid", account, "--init-groups", program]);
    command
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A process of the estate: which product it must be found as, and on which port.
pub struct Running {
    pub product: &'static str,
    pub port: Option<u16>,
    /// An ordinary account can tell the port from arguments and accounts.
    pub port_is_plain: bool,
    pub pid: u32,
    child: Child,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The group: some start others that outlive them.
        if let Some(group) = rustix::process::Pid::from_raw(self.child.id() as i32) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
            std::thread::sleep(Duration::from_millis(200));
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Everything that is started, in a folder of its own.
pub struct Estate {
    pub running: Vec<Running>,
    folder: tempfile::TempDir,
}

impl Estate {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            running: Vec::new(),
            folder,
        }
    }

    fn folder(&self, name: &str, account: &str) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir(&path).unwrap();
        if is_root() {
            must(Command::new("chown").arg(account).arg(&path));
        }
        path
    }

    fn start(&mut self, product: &'static str, port: Option<u16>, port_is_plain: bool, mut command: Command) {
        let shown = format!("{command:?}");
        let said = self.folder.path().join(format!("said-{}", self.running.len()));
        let child = command
            .stdin(Stdio::null())
            .stdout(fs::File::create(&said).unwrap())
            .stderr(fs::File::options().append(true).open(&said).unwrap())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}; tests/install-tools.sh test installs the services"));
        let mut running = Running {
            product,
            port,
            port_is_plain,
            pid: child.id(),
            child,
        };
        let begun = Instant::now();
        while port.is_some_and(|port| TcpStream::connect(("127.0.0.1", port)).is_err()) {
            let text = fs::read_to_string(&said).unwrap_or_default();
            let ended = running.child.try_wait().unwrap();
            assert!(
                begun.elapsed() < Duration::from_secs(90) && ended.is_none(),
                "{shown} does not listen ({ended:?}): {text}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        self.running.push(running);
    }

    pub fn redis(&mut self) {
        let port = free_port();
        let mut command = as_account("redis", "redis-server");
        command.args([
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--requirepass",
            "canary-7f3K9q",
            "--port",
        ]);
        command.arg(port.to_string());
        self.start("redis", Some(port), true, command);
    }

    pub fn memcached(&mut self) {
        let port = free_port();
        let mut command = as_account("nobody", "memcached");
        // Debian's nobody has no group of its own name.
        if is_root() {
            command = Command::new("memcached");
            command.args(["-u", "nobody"]);
        }
        command.args(["-l", "127.0.0.1", "-p", &port.to_string()]);
        self.start("memcached", Some(port), true, command);
    }

    pub fn postgresql(&mut self) {
        let port = free_port();
        let folder = self.folder("postgresql", "postgres");
        let versions = fs::read_dir("/usr/lib/postgresql").expect("tests/install-tools.sh test installs PostgreSQL");
        let programs = versions.map(|entry| entry.unwrap().path().join("bin")).max().unwrap();
        let data = folder.join("data");
        let program = |name: &str| as_account("postgres", programs.join(name).to_str().unwrap());
        must(
            program("initdb")
                .arg("-D")
                .arg(&data)
                .args(["-A", "trust", "--no-sync", "-U", "postgres"]),
        );
        let mut command = program("postgres");
        command.arg("-D").arg(&data).arg("-k").arg(&folder);
        command.args([
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
        ]);
        self.start("postgresql", Some(port), true, command);
    }

    pub fn mariadb(&mut self) {
        let port = free_port();
        let folder = self.folder("mariadb", "mysql");
        let data = folder.join("data");
        let mut install = as_account("mysql", "mariadb-install-db");
        must(
            install
                .arg("--no-defaults")
                .arg(format!("--datadir={}", data.display()))
                .arg("--auth-root-authentication-method=normal"),
        );
        let mut command = as_account("mysql", "/usr/sbin/mariadbd");
        command
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()));
        command.arg(format!("--socket={}", folder.join("socket").display()));
        command.args(["--bind-address=127.0.0.1", &format!("--port={port}")]);
        self.start("mariadb", Some(port), true, command);
    }

    pub fn nginx(&mut self) {
        let port = free_port();
        let folder = self.folder("nginx", "root");
        let at = folder.display();
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind}; "))
            .concat();
        let text = format!(
            "daemon off; pid {at}/pid; error_log {at}/error;\nevents {{}}\n\
             http {{ access_log off; {paths} server {{ listen 127.0.0.1:{port}; }} }}\n"
        );
        fs::write(folder.join("nginx.conf"), text).unwrap();
        let mut command = Command::new("/usr/sbin/nginx");
        command
            .arg("-e")
            .arg(folder.join("error"))
            .arg("-c")
            .arg(folder.join("nginx.conf"));
        self.start("nginx", Some(port), false, command);
    }

    pub fn haproxy(&mut self) {
        let port = free_port();
        let folder = self.folder("haproxy", "root");
        let text = format!(
            "defaults\n  mode http\n  timeout connect 2s\n  timeout client 5s\n  timeout server 5s\n\
             frontend front\n  bind 127.0.0.1:{port}\n  stats enable\n  stats uri /stats\n"
        );
        fs::write(folder.join("haproxy.cfg"), text).unwrap();
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-db").arg("-f").arg(folder.join("haproxy.cfg"));
        self.start("haproxy", Some(port), false, command);
    }

    pub fn apache(&mut self) {
        let port = free_port();
        let folder = self.folder("apache", "root");
        let at = folder.display();
        let modules = "/usr/lib/apache2/modules";
        let text = format!(
            "ServerRoot {at}\nListen 127.0.0.1:{port}\nPidFile {at}/pid\nErrorLog {at}/error\nServerName localhost\n\
             Mutex file:{at}\nUser www-data\nGroup www-data\nLoadModule mpm_event_module {modules}/mod_mpm_event.so\n\
             LoadModule authz_core_module {modules}/mod_authz_core.so\nDocumentRoot {at}\n"
        );
        fs::write(folder.join("apache2.conf"), text).unwrap();
        let mut command = Command::new("/usr/sbin/apache2");
        command.arg("-f").arg(folder.join("apache2.conf")).arg("-DFOREGROUND");
        self.start("apache", Some(port), false, command);
    }

    pub fn rabbitmq(&mut self) {
        let (port, distribution, names) = (free_port(), free_port(), free_port());
        let folder = self.folder("rabbitmq", "rabbitmq");
        let at = folder.display();
        fs::write(folder.join("enabled_plugins"), "[].\n").unwrap();
        let mut command = as_account("rabbitmq", "/usr/lib/rabbitmq/bin/rabbitmq-server");
        command
            .env("HOME", &folder)
            .env("RABBITMQ_NODENAME", format!("sizewright{port}@localhost"))
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", port.to_string())
            .env("RABBITMQ_DIST_PORT", distribution.to_string())
            .env("ERL_EPMD_PORT", names.to_string())
            .env("RABBITMQ_MNESIA_BASE", format!("{at}/mnesia"))
            .env("RABBITMQ_LOG_BASE", format!("{at}/log"))
            .env("RABBITMQ_PID_FILE", format!("{at}/pid"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", format!("{at}/enabled_plugins"));
        self.start("rabbitmq", Some(port), false, command);
    }

    /// Starts all of it: nine real services, and stand-ins of what has no package here.
    pub fn everything(&mut self) {
        self.redis();
        self.redis();
        self.memcached();
        self.postgresql();
        self.mariadb();
        self.nginx();
        self.haproxy();
        self.apache();
        self.rabbitmq();
        // No packages of these exist here: processes with the arguments of real ones.
        for (product, title) in [
            ("mongodb", "/usr/bin/mongod --config /etc/mongod.conf --replSet rs0"),
            (
                "kafka",
                "/usr/lib/jvm/java-17/bin/java -Xmx4g -Dkafka.logs.dir=/var/log/kafka -cp /opt/kafka/libs/* kafka.Kafka /etc/kafka/server.properties",
            ),
            (
                "elasticsearch",
                "java -Xms1g -Des.path.home=/usr/share/elasticsearch org.elasticsearch.bootstrap.Elasticsearch",
            ),
            (
                "opensearch",
                "java -Dopensearch.path.home=/usr/share/opensearch org.opensearch.bootstrap.OpenSearch",
            ),
            (
                "cassandra",
                "java -Dcassandra.logdir=/var/log/cassandra org.apache.cassandra.service.CassandraDaemon",
            ),
            (
                "zookeeper",
                "java -cp /x org.apache.zookeeper.server.quorum.QuorumPeerMain /etc/zookeeper/zoo.cfg",
            ),
            (
                "tomcat",
                "java -Dcatalina.base=/var/lib/tomcat10 org.apache.catalina.startup.Bootstrap start",
            ),
            ("sql-server", "/opt/mssql/bin/sqlservr"),
            ("oracle", "ora_pmon_ORCL"),
        ] {
            self.stand_in(product, title);
        }
    }

    /// Starts a process that only looks like a service: its arguments are those of one, what runs is `sleep`.
    pub fn stand_in(&mut self, product: &'static str, title: &str) {
        let mut command = Command::new("sleep");
        command.arg0(title).arg("300");
        self.start(product, None, false, command);
    }
}

fn must(command: &mut Command) {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{shown}: {error}; tests/install-tools.sh test installs the services"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}: {said}");
}

/// Tells whether a program is there.
pub fn exists(program: &str) -> bool {
    ["/bin", "/usr/bin", "/usr/sbin"]
        .iter()
        .any(|folder| Path::new(folder).join(program).exists())
}
