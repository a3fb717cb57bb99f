//! Real services on free loopback ports, ended when dropped.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::sshd::is_root;

pub struct Running {
    pub port: u16,
    pub folder: tempfile::TempDir,
    pub socket: PathBuf,
    child: Child,
    password: Option<String>,
    /// Port of the name server that Erlang leaves behind.
    names: Option<u16>,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Makes a command that runs as a service's own account, since most refuse to run as root.
fn as_account(account: &str, program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", account, "--regid", account, "--init-groups", program]);
    command
}

fn must(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{shown}: {error}; tests/install-tools.sh installs the services"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn folder_for(account: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        must(Command::new("chown").arg(account).arg(folder.path()));
    }
    folder
}

impl Running {
    /// Starts a service and waits until somebody listens at its port.
    fn start(command: &mut Command, port: u16, folder: tempfile::TempDir, ready_within: u64) -> Self {
        let log = folder.path().join("said");
        let shown = format!("{command:?}");
        let child = command
            .stdin(Stdio::null())
            .stdout(fs::File::create(&log).unwrap())
            .stderr(fs::File::options().append(true).open(&log).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}; tests/install-tools.sh installs the services"));
        let running = Self {
            port,
            socket: folder.path().join("socket"),
            folder,
            child,
            password: None,
            names: None,
        };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let said = fs::read_to_string(&log).unwrap_or_default();
            assert!(
                begun.elapsed() < Duration::from_secs(ready_within),
                "{shown} is not ready: {said}"
            );
            thread::sleep(Duration::from_millis(50));
        }
        running
    }

    pub fn redis(password: Option<&str>) -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let mut command = Command::new("redis-server");
        command.args([
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--port",
            &port.to_string(),
            "--dir",
        ]);
        command.arg(folder.path());
        if let Some(password) = password {
            command.args(["--requirepass", password]);
        }
        let mut running = Self::start(&mut command, port, folder, 20);
        running.password = password.map(str::to_string);
        running
    }

    pub fn memcached() -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let mut command = Command::new("memcached");
        command.args(["-u", "nobody", "-l", "127.0.0.1", "-p", &port.to_string()]);
        Self::start(&mut command, port, folder, 20)
    }

    pub fn nginx() -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let at = folder.path().display();
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind}; "))
            .concat();
        let text = format!(
            "daemon off; pid {at}/pid; error_log {at}/error;\nevents {{}}\nhttp {{ access_log off; {paths}\n\
             server {{ listen 127.0.0.1:{port}; location /nginx_status {{ stub_status; }} }} }}\n"
        );
        fs::write(folder.path().join("conf"), text).unwrap();
        let mut command = Command::new("nginx");
        command
            .arg("-e")
            .arg(folder.path().join("error"))
            .arg("-c")
            .arg(folder.path().join("conf"));
        Self::start(&mut command, port, folder, 20)
    }

    pub fn haproxy() -> Self {
        let (port, folder) = (free_port(), folder_for("root"));
        let text = format!(
            "global\n  stats socket {} mode 666\ndefaults\n  mode http\n  timeout connect 2s\n  timeout client 5s\n  timeout server 5s\n\
             frontend front\n  bind 127.0.0.1:{port}\n  stats enable\n  stats uri /stats\n  stats auth viewer:secret-haproxy\n",
            folder.path().join("socket").display()
        );
        fs::write(folder.path().join("conf"), text).unwrap();
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(folder.path().join("conf"));
        Self::start(&mut command, port, folder, 20)
    }

    /// Starts PostgreSQL with a role for the ordinary user and one called `monitor`, both with `pg_monitor`.
    pub fn postgresql(user: &str) -> Self {
        let (port, folder) = (free_port(), folder_for("postgres"));
        let programs = fs::read_dir("/usr/lib/postgresql").unwrap_or_else(|_| panic!("install postgresql"));
        let programs = programs.map(|entry| entry.unwrap().path().join("bin")).max().unwrap();
        let data = folder.path().join("data");
        let program = |name: &str| as_account("postgres", programs.join(name).to_str().unwrap());
        must(
            program("initdb")
                .arg("-D")
                .arg(&data)
                .args(["-A", "trust", "--no-sync", "-U", "postgres"]),
        );
        // The superuser stays trusted for the test's own questions, the others are checked.
        let rules = "local all postgres trust\nlocal all all peer\nhost all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), rules).unwrap();
        let mut command = program("postgres");
        command.arg("-D").arg(&data).arg("-k").arg(folder.path());
        command.args([
            "-p",
            &port.to_string(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
        ]);
        let running = Self::start(&mut command, port, folder, 60);
        for (database, statement) in [
            (
                "postgres",
                format!("CREATE ROLE \"{user}\" LOGIN; GRANT pg_monitor TO \"{user}\";"),
            ),
            (
                "postgres",
                "CREATE ROLE monitor LOGIN PASSWORD 'secret-monitor'; GRANT pg_monitor TO monitor;".to_string(),
            ),
            ("postgres", "CREATE DATABASE shop".to_string()),
            (
                "shop",
                "CREATE TABLE orders AS SELECT g, repeat('x', 100) FROM generate_series(1, 50000) g; ANALYZE"
                    .to_string(),
            ),
        ] {
            let mut psql = Command::new("psql");
            psql.args([
                "-X",
                "-q",
                "-w",
                "-U",
                "postgres",
                "-p",
                &port.to_string(),
                "-d",
                database,
                "-h",
            ]);
            must(psql.arg(running.folder.path()).args(["-c", &statement]));
        }
        running
    }

    /// Starts MariaDB with an account `monitor` that may see all and change nothing.
    pub fn mariadb() -> Self {
        let (port, folder) = (free_port(), folder_for("mysql"));
        let data = folder.path().join("data");
        let mut install = as_account("mysql", "mariadb-install-db");
        install
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()));
        must(install.args(["--auth-root-authentication-method=normal", "--skip-test-db"]));
        let mut command = as_account("mysql", "mariadbd");
        command
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()));
        command.arg(format!("--port={port}")).arg("--bind-address=127.0.0.1");
        command.arg(format!("--socket={}", folder.path().join("socket").display()));
        let running = Self::start(&mut command, port, folder, 60);
        running.sql(
            "CREATE DATABASE shop; CREATE TABLE shop.items (id INT PRIMARY KEY); INSERT INTO shop.items VALUES (1); \
             CREATE USER monitor@'%' IDENTIFIED BY 'secret-monitor'; GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR ON *.* TO monitor@'%'; \
             GRANT SELECT ON shop.* TO monitor@'%'; DELETE FROM mysql.global_priv WHERE User = ''; FLUSH PRIVILEGES;",
        );
        running
    }

    fn sql(&self, statements: &str) -> String {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "-u", "root", "-N", "-B"]);
        must(
            client
                .arg(format!("--socket={}", self.socket.display()))
                .args(["-e", statements]),
        )
    }

    /// Gives an account another password.
    pub fn set_password(&self, user: &str, password: &str) {
        self.sql(&format!("SET PASSWORD FOR {user}@'%' = PASSWORD('{password}')"));
    }

    /// Counts the rows that were there before.
    pub fn rows(&self) -> u32 {
        self.sql("SELECT COUNT(*) FROM shop.items").trim().parse().unwrap()
    }

    /// Starts RabbitMQ with its management interface and an account `monitor`.
    pub fn rabbitmq() -> Self {
        let (port, folder) = (free_port(), folder_for("rabbitmq"));
        let file = |name: &str| folder.path().join(name);
        fs::write(file("plugins"), "[rabbitmq_management].\n").unwrap();
        let users = r#"{"users":[{"name":"monitor","password":"secret-monitor","tags":"monitoring"}],"vhosts":[{"name":"/"}],"permissions":[{"user":"monitor","vhost":"/","configure":"^$","write":"^$","read":".*"}]}"#;
        fs::write(file("users.json"), users).unwrap();
        let settings = format!(
            "management.tcp.port = {port}\nmanagement.tcp.ip = 127.0.0.1\nload_definitions = {}\n",
            file("users.json").display()
        );
        fs::write(file("rabbitmq.conf"), settings).unwrap();
        // Its own script insists on root's rights; this is the one behind it.
        let mut command = as_account("rabbitmq", "/usr/lib/rabbitmq/bin/rabbitmq-server");
        let (node, distribution, names) = (free_port(), free_port(), free_port());
        command
            .env("HOME", folder.path())
            .env("ERL_EPMD_PORT", names.to_string());
        command.env("RABBITMQ_NODENAME", format!("test{node}@localhost"));
        command
            .env("RABBITMQ_NODE_PORT", node.to_string())
            .env("RABBITMQ_DIST_PORT", distribution.to_string());
        for (name, place) in [
            ("RABBITMQ_MNESIA_BASE", "data"),
            ("RABBITMQ_LOG_BASE", "log"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "plugins"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
            ("RABBITMQ_PID_FILE", "pid"),
        ] {
            command.env(name, file(place));
        }
        let mut running = Self::start(&mut command, port, folder, 120);
        running.names = Some(names);
        running
    }

    /// Sends one command to Redis and gives the first piece of its answer.
    fn say(&self, commands: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        if let Some(password) = &self.password {
            write!(stream, "AUTH {password}\r\n").unwrap();
        }
        write!(stream, "{commands}\r\nQUIT\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn write(&self, keys: usize) {
        let commands: Vec<String> = (0..keys).map(|key| format!("SET key{key} value")).collect();
        assert_eq!(self.say(&commands.join("\r\n")).matches("+OK").count(), keys + 1);
    }

    /// Counts the logins that Redis refused.
    pub fn denied_logins(&self) -> usize {
        let log = self.say("ACL LOG");
        let count = log
            .split("$5\r\ncount\r\n:")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        count.map_or(0, |count| count.parse().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let below = super::sshd::processes::below(i32::try_from(self.child.id()).unwrap_or(0));
        let _ = self.child.kill();
        let _ = self.child.wait();
        for process in below {
            super::sshd::processes::signal(process.id, "KILL");
        }
        if let Some(names) = self.names {
            // It detaches itself, and ends when told to once no node is left.
            let mut epmd = Command::new("epmd");
            epmd.args(["-port", &names.to_string(), "-kill"])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            for _ in 0..20 {
                if epmd.status().is_ok_and(|status| status.success()) {
                    break;
                }
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
}
