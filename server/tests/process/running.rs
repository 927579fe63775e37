//! The binary as a process, and what a script sends it. Plain sockets: a client that tried again by itself would hide what is
//! being tested.

use serde_json::Value as Json;
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// A token's key that is known before.
pub const KEY: &str = "00000000000000000000000000000000000000ad";

/// A database, its key file and the settings to use them with.
pub struct Installation {
    pub folder: PathBuf,
    pub database: String,
    /// The server that the database is on, and its name there.
    postgres: Option<(String, String)>,
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("peerage_process_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Installation {
    pub fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(unique_name());
        Self::sqlite_in(folder)
    }

    pub fn sqlite_in(folder: PathBuf) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        let database = format!("sqlite:{}", folder.join("p.sqlite").display());
        Self { folder, database, postgres: None }
    }

    /// None without PEERAGE_TEST_POSTGRES.
    pub fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var("PEERAGE_TEST_POSTGRES") else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "PEERAGE_TEST_POSTGRES is not set");
            eprintln!("SKIPPED on PostgreSQL: PEERAGE_TEST_POSTGRES is not set");
            return None;
        };
        Some(Self::postgres_at(&admin))
    }

    pub fn postgres_at(admin: &str) -> Self {
        let name = unique_name();
        execute(admin, &format!("CREATE DATABASE {name}"));
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        let database = format!("{}/{name}", admin.rsplit_once('/').unwrap().0);
        Self { folder, database, postgres: Some((admin.to_owned(), name)) }
    }

    pub fn key_file(&self) -> PathBuf {
        self.folder.join("key")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
        command.args(arguments).args(["--database", &self.database, "--key-file"]).arg(self.key_file());
        command.current_dir(&self.folder);
        command
    }

    /// Runs a subcommand to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a subcommand that must succeed, and gives what it printed.
    pub fn expect(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out} {error}");
        out.into_owned()
    }

    /// Starts a subcommand and goes on; what it says on standard error can be read meanwhile.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs a subcommand and kills it after so long, unless it has ended by itself.
    pub fn kill_after(&self, arguments: &[&str], moment: Duration) {
        self.kill_when(arguments, || std::thread::sleep(moment));
    }

    /// Runs a subcommand and kills it when the moment has come.
    pub fn kill_when(&self, arguments: &[&str], has_come: impl FnOnce()) {
        let mut child = self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        has_come();
        let _ = child.kill();
        child.wait().unwrap();
        if self.postgres.is_some() {
            // the database ends what the process has asked for by itself
            eventually("PostgreSQL notices", Duration::from_secs(10), || {
                let left = "SELECT application_name FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'peerage'";
                self.texts(left).is_empty()
            });
        }
    }

    /// An administrator with the token [`KEY`].
    pub fn with_administrator(self) -> Self {
        self.expect(&["user", "create", "admin", "--superuser"]);
        self.expect(&["token", "create", "admin", "--key", KEY]);
        self
    }

    /// Starts a subcommand that goes on, and gives the first line that it prints.
    fn spawn(&self, arguments: &[&str], more: &[&str]) -> (Child, String) {
        let mut command = self.command(arguments);
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        let mut child = command.args(more).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (child, line)
    }

    /// Starts `peerage worker` and waits until it works. It has no address.
    pub fn work(&self, more: &[&str]) -> Server {
        let (child, line) = self.spawn(&["worker"], more);
        assert_eq!(line, "working\n", "{}", self.log());
        Server { child, address: String::new() }
    }

    /// Starts `peerage serve` and waits until it listens.
    pub fn serve(&self, more: &[&str]) -> Server {
        let (child, line) = self.spawn(&["serve", "--listen", "127.0.0.1:0"], more);
        let address = line.trim().strip_prefix("listening on http://").map(str::to_owned);
        let address = address.unwrap_or_else(|| panic!("it does not listen: {line} {}", self.log()));
        Server { child, address }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// The first column of a query, behind the product's back.
    pub fn texts(&self, query: &str) -> Vec<String> {
        texts(&self.database, query)
    }

    pub fn finish(self) {
        if let Some((admin, name)) = &self.postgres {
            execute(admin, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

/// A serving process; killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Server {
    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// SIGKILL, as by the kernel: nothing of its own runs after it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end; whether it was a good one, and how long it took.
    pub fn wait(&mut self) -> (bool, Duration) {
        let began = Instant::now();
        (self.child.wait().unwrap().success(), began.elapsed())
    }

    pub fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(stream)
    }

    /// One request on a connection of its own.
    pub fn send(&self, head: &str, body: &str) -> io::Result<Answer> {
        let mut stream = self.connect()?;
        stream.write_all(&request(head, body))?;
        answer(stream)
    }

    pub fn get(&self, path: &str) -> io::Result<Answer> {
        self.send(&format!("GET {path} HTTP/1.1\r\nAuthorization: Token {KEY}"), "")
    }

    pub fn call(&self, function: &str, arguments: &Json) -> io::Result<Answer> {
        self.send(&call_head(function), &arguments.to_string())
    }
}

pub fn call_head(function: &str) -> String {
    format!("POST /fn/{function} HTTP/1.1\r\nAuthorization: Token {KEY}\r\nContent-Type: application/json")
}

pub fn request(head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("{head}\r\nHost: test\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// All of an answer; an error if it was cut off.
pub fn answer(mut stream: TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, format!("cut off: {text}"));
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let length = head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    if length.is_some_and(|length: usize| length != body.len()) {
        return Err(cut());
    }
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Until it is so, for `patience`.
pub fn eventually(what: &str, patience: Duration, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < patience, "{what}: not within {patience:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

// ---- behind the product's back ----

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

pub fn execute(database: &str, statement: &str) {
    texts(database, statement);
}

pub fn texts(database: &str, query: &str) -> Vec<String> {
    use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
    block_on(async {
        let query = AssertSqlSafe(query.to_owned());
        if let Some(path) = database.strip_prefix("sqlite:") {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(Path::new(path));
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        } else {
            let mut connection = PgConnection::connect(database).await.unwrap();
            let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        }
    })
}
