//! Ruby: Bundler installs the gems of Gemfile.lock into a folder in the build stage, which the final stage copies.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::probe::{Probe, Request, words};
use super::setup::{Cache, Runner, Step};
use super::statement::File;
use super::{Copies, Fault, Language, below, mismatch, version};
use crate::diagnostic::Findings;
use crate::facts::{Facts, join};
use crate::source::SpecPath;
use crate::spec::Scalar;

const RULE: &str = "a version of Ruby is written 3.4 or 3.4.7";
const GEMFILE: &str = "Gemfile";
const LOCKFILE: &str = "Gemfile.lock";
/// States a version for the tools that install Ruby, and for a Gemfile that says so.
const VERSION_FILE: &str = ".ruby-version";

/// A Ruby application, such as one on Rails or Sinatra. It runs in /app, its gems lie in /gems.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
pub struct Ruby {
    /// Version of Ruby, such as `3.4`. Needed unless `from` brings it.
    #[schemars(extend("pattern" = "^[0-9]+\\.[0-9]+(\\.[0-9]+)?$", "patternErrorMessage" = "a version of Ruby is written 3.4 or 3.4.7", "errorMessage" = "a version of Ruby is written 3.4 or 3.4.7"))]
    pub version: Option<Scalar>,
    /// Variant of the official image: `slim` (the default), `alpine`, or either with its system's name, such as `slim-bookworm`.
    #[schemars(extend("pattern" = "^(slim(-[a-z]+)?|alpine([0-9.]+)?|bullseye|bookworm|trixie)$", "patternErrorMessage" = "the base of a Ruby image is slim, alpine, or slim with Debian's name, such as slim-bookworm", "examples" = ["slim"]))]
    pub base: Option<String>,
    /// Folders of gems that the Gemfile takes by `path`, relative to the build's `context`, such as `[engines/billing]`.
    #[serde(default)]
    pub gems: Vec<String>,
}

impl Ruby {
    fn written(&self) -> Option<&str> {
        self.version.as_ref().map(|version| version.0.as_str())
    }

    fn own_gems(&self) -> impl Iterator<Item = String> {
        self.gems.iter().map(|folder| join(folder, ""))
    }
}

impl Language for Ruby {
    fn view(&self, folder: &str, _: &Copies) -> Value {
        // .ruby-version is there for a Gemfile that reads it; a pattern may match nothing.
        let manifests = [GEMFILE, LOCKFILE, ".ruby-versio?"];
        json!({
            "manifests": manifests.iter().map(|file| join(folder, file)).collect::<Vec<_>>(),
            "gems": self.own_gems().map(|gem| [join(folder, &gem), below(".", &gem)]).collect::<Vec<_>>(),
        })
    }

    fn image(&self) -> Option<String> {
        Some(format!("ruby:{}-{}", self.written()?, self.base.as_deref().unwrap_or("slim")))
    }

    fn has_build_stage(&self) -> bool {
        true
    }

    fn sources(&self, _: &Copies) -> Vec<String> {
        [GEMFILE, LOCKFILE, VERSION_FILE].map(str::to_owned).into_iter().chain(self.own_gems()).collect()
    }

    fn optional_sources(&self) -> Vec<String> {
        vec![VERSION_FILE.to_owned()]
    }

    fn never_copied(&self) -> &'static [&'static str] {
        // A developer's settings of Bundler, and the keys to Rails' credentials.
        &["**/.bundle", "**/config/master.key", "**/config/credentials/*.key"]
    }

    fn paths(&self, path: &SpecPath) -> Vec<(&str, SpecPath)> {
        let gems = self.gems.iter().enumerate();
        gems.map(|(index, gem)| (gem.as_str(), path.key("gems").index(index))).collect()
    }

    fn faults(&self, from: bool) -> Vec<Fault> {
        let version = Fault::of_version(self.written(), from, 2..=3, RULE);
        version.into_iter().chain(Fault::of_base(self.base.as_ref(), from)).collect()
    }

    fn holds_code(&self) -> &'static [&'static str] {
        &["/app", "/gems"]
    }

    fn takes_inputs(&self) -> bool {
        true
    }

    fn version(&self) -> Option<&str> {
        self.written()
    }

    fn example_version(&self) -> Option<&'static str> {
        Some("3.4")
    }

    fn probe() -> Option<&'static Probe> {
        Some(&Probe { comes_first: false, http, tcp })
    }

    /// The runner has the Rubies that are maintained, each in a folder of its own.
    fn setup(&self, runner: &Runner<'_>) -> Vec<Step> {
        let Some(version) = runner.version else { return Vec::new() };
        let step = |script: String| Step::runs("Set up Ruby", script).with("VERSION", version);
        if !runner.caches {
            return vec![step(CHOOSE.to_owned())];
        }
        let (version, lockfile) = (version.to_owned(), runner.file(LOCKFILE));
        let cache = Cache { of: "gems", path: "~/gems", version, lockfile };
        vec![step(format!("{CHOOSE}{KEEP_GEMS}")), Step::keeps("Find gems in the cache", cache)]
    }

    fn wants(&self) -> Vec<String> {
        vec![GEMFILE.to_owned(), VERSION_FILE.to_owned()]
    }

    fn lockfiles(&self) -> Vec<(String, &'static str)> {
        vec![(LOCKFILE.to_owned(), "bundle lock")]
    }

    fn check(&self, path: &SpecPath, context: &str, facts: &Facts, findings: &mut Findings<'_>) {
        let Some(written) = self.written() else { return };
        let gemfile = File::read(facts, context, GEMFILE);
        let stated = gemfile.as_ref().and_then(|file| Stated::find(file.text));
        if let Some((file, (line, Stated::Requirement(range)))) = gemfile.as_ref().zip(stated.as_ref())
            && !version::fits_ruby(written, range)
        {
            findings.report(mismatch(path, "Ruby", written, &file.says(line, range)));
        }
        let Some(file) = File::read(facts, context, VERSION_FILE) else { return };
        let pinned = file.text.trim();
        let pinned = pinned.strip_prefix("ruby-").unwrap_or(pinned);
        let in_file = matches!(stated, Some((_, Stated::InFile)));
        let fits = if in_file { version::fits_ruby } else { version::agree };
        if !fits(written, pinned) {
            findings.report(mismatch(path, "Ruby", written, &file.says(pinned, pinned)));
        }
    }
}

fn http(request: &Request<'_>) -> Option<Vec<String>> {
    let answer = if request.is_plain() && !request.secure {
        format!("Net::HTTP.get_response(URI('{}'))", request.url())
    } else {
        let tls = if request.secure { ", use_ssl: true, verify_mode: OpenSSL::SSL::VERIFY_NONE" } else { "" };
        let headers = request.headers.iter().map(|(name, value)| format!("'{name}' => '{value}'"));
        format!(
            "Net::HTTP.start('127.0.0.1', {}, nil{tls}) {{ |http| http.send_request('{}', '{}', nil, {{{}}}) }}",
            request.port,
            request.method,
            request.path,
            headers.collect::<Vec<_>>().join(", ")
        )
    };
    Some(words(["ruby", "-rnet/http", "-e", &format!("exit {answer}.is_a?(Net::HTTPSuccess)")]))
}

fn tcp(port: u16, seconds: u64) -> Option<Vec<String>> {
    let script = format!("Socket.tcp('127.0.0.1', {port}, connect_timeout: {seconds}).close");
    Some(words(["ruby", "-rsocket", "-e", &script]))
}

/// Puts the newest Ruby of the version that is wanted first in the path.
const CHOOSE: &str = r#"shopt -s nullglob
found=("$RUNNER_TOOL_CACHE"/Ruby/"$VERSION"{,.*}/*/bin)
if ((${#found[@]} == 0)); then
  has=("$RUNNER_TOOL_CACHE"/Ruby/*)
  echo "::error::this runner has no Ruby $VERSION; it has: ${has[*]##*/}"
  exit 1
fi
printf '%s\n' "${found[@]}" | sort --version-sort | tail --lines=1 >> "$GITHUB_PATH"
"#;

/// Gems go where the cache finds them, and their programs are found as well.
const KEEP_GEMS: &str = r#"echo "GEM_HOME=$HOME/gems" >> "$GITHUB_ENV"
echo "$HOME/gems/bin" >> "$GITHUB_PATH"
"#;

/// What a Gemfile says of Ruby's version.
#[derive(Debug, PartialEq)]
enum Stated {
    /// `ruby "~> 3.4"`, or several such words with commas between.
    Requirement(String),
    /// `ruby file: ".ruby-version"`
    InFile,
}

impl Stated {
    /// What the line that begins with `ruby` states, and that line; none where it computes it.
    fn find(gemfile: &str) -> Option<(&str, Self)> {
        let mut lines = gemfile.lines().filter_map(|line| line.trim().strip_prefix("ruby"));
        let line = lines.find(|rest| rest.starts_with([' ', '(']))?;
        let quote = |c: char| matches!(c, '"' | '\'');
        // Every other piece stands between quotes; what is between two versions is a comma.
        let pieces: Vec<&str> = line.split(quote).collect();
        if pieces[0].contains("file:") {
            return Some((line, Stated::InFile)).filter(|_| pieces.get(1) == Some(&VERSION_FILE));
        }
        let versions = pieces.chunks_exact(2).take_while(|pair| matches!(pair[0].trim(), "" | "(" | ","));
        let versions: Vec<&str> = versions.map(|pair| pair[1]).collect();
        (!versions.is_empty()).then(|| (line, Stated::Requirement(versions.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gemfile_states_a_version_in_several_ways() {
        let requirement = |text: &str| Some(Stated::Requirement(text.to_owned()));
        for (gemfile, stated) in [
            ("source \"https://rubygems.org\"\n\nruby \"3.4.7\"\n", requirement("3.4.7")),
            ("ruby '>= 3.2', '< 4'", requirement(">= 3.2, < 4")),
            ("ruby(\"~> 3.4\", engine: \"jruby\", engine_version: \"10\")", requirement("~> 3.4")),
            ("  ruby \"3.4.7\" # not \"3.3\"", requirement("3.4.7")),
            ("ruby file: \".ruby-version\"", Some(Stated::InFile)),
            ("ruby file: \"../versions\"", None),
            ("ruby File.read('.ruby-version')", None),
            ("gem \"ruby-vips\"\nrubygems = 1", None),
        ] {
            assert_eq!(Stated::find(gemfile).map(|(_, stated)| stated), stated, "{gemfile}");
        }
    }
}
