//! The programs of images that can ask a server inside the container, and the words that make them ask. A language's own stands in its file.

use indexmap::IndexMap;

use super::system::{System, split};

/// A program that can ask a server inside a container. Of each function: the words; none where it cannot ask that.
#[derive(Debug)]
pub struct Probe {
    /// Whether it asks even where the user's packages bring curl or wget.
    pub comes_first: bool,
    /// Makes an HTTP request that has to be answered with 2xx.
    pub http: fn(&Request<'_>) -> Option<Vec<String>>,
    /// Connects to a port, and gives up after so many seconds.
    pub tcp: fn(u16, u64) -> Option<Vec<String>>,
}

/// A request to a server in the same container.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `HEAD`, …
    pub method: &'a str,
    /// Whether it goes over TLS; nobody has signed a certificate for this address.
    pub secure: bool,
    /// The number of the port.
    pub port: u16,
    /// What is asked for.
    pub path: &'a str,
    /// Its headers.
    pub headers: &'a IndexMap<String, String>,
    /// After how many seconds it counts as failed.
    pub seconds: u64,
}

impl Request<'_> {
    /// The address, with 127.0.0.1, because localhost may mean ::1 alone.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{}", self.port, self.path)
    }

    /// Whether it is a GET without headers.
    pub fn is_plain(&self) -> bool {
        self.method == "GET" && self.headers.is_empty()
    }
}

/// The words of a command.
pub fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// `wget`, busybox's or GNU's, with busybox's `nc` beside it.
pub static WGET: Probe = Probe { comes_first: false, http: wget, tcp: nc };

/// `curl`
pub static CURL: Probe = Probe { comes_first: false, http: curl, tcp: |_, _| None };

/// The program that can ask in the image of that name, as far as it is known.
pub fn probe_of(image: &str) -> Option<&'static Probe> {
    let (repository, tag) = split(image);
    match repository {
        _ if System::of(image) == System::Alpine || repository == "busybox" => Some(&WGET),
        // Known to stand on Alpine, although their tags do not say so.
        "victoriametrics/victoria-metrics" | "grafana/grafana" if !tag.contains("scratch") => Some(&WGET),
        // On Debian it has curl, and no wget.
        "nginx" if !tag.contains("slim") => Some(&CURL),
        language => super::probe_of_language(language),
    }
}

/// Busybox's wget asks with GET, and knows no other method.
fn wget(request: &Request<'_>) -> Option<Vec<String>> {
    let flags =
        ["wget", "-q"].into_iter().chain(request.secure.then_some("--no-check-certificate")).chain(["--spider"]);
    let headers = request.headers.iter().flat_map(|(name, value)| ["--header".to_owned(), format!("{name}: {value}")]);
    (request.method == "GET").then(|| flags.map(str::to_owned).chain(headers).chain([request.url()]).collect())
}

fn nc(port: u16, seconds: u64) -> Option<Vec<String>> {
    Some(words(["nc", "-z", "-w", &seconds.to_string(), "127.0.0.1", &port.to_string()]))
}

fn curl(request: &Request<'_>) -> Option<Vec<String>> {
    let mut all = words(["curl", if request.secure { "-kfsS" } else { "-fsS" }, "-o", "/dev/null"]);
    match request.method {
        "GET" => {}
        "HEAD" => all.extend(words(["--head"])),
        method => all.extend(words(["-X", method])),
    }
    all.extend(request.headers.iter().flat_map(|(name, value)| ["-H".to_owned(), format!("{name}: {value}")]));
    all.push(request.url());
    Some(all)
}
