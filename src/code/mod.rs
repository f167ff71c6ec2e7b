//! The names of all faults that `stackc` reports, with the text that `stackc explain` shows; each topic has a file.
//! A code is kebab-case and names the fault, so that it reads well after "allow". Its doc comment is its explanation;
//! after its weight stands what it is about, see [`About`].

mod declared;
mod define;
mod delivery;
mod environments;
mod images;
mod platforms;
mod references;
mod routing;
mod services;
mod syntax;
mod values;

use crate::diagnostic::Severity;

/// The topics, in the order in which `stackc explain` lists their codes.
const TOPICS: &[&[Code]] = &[
    syntax::CODES,
    values::CODES,
    references::CODES,
    services::CODES,
    declared::CODES,
    images::CODES,
    platforms::CODES,
    routing::CODES,
    environments::CODES,
    delivery::CODES,
];

/// The name of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(&'static Fault);

/// What is known of a fault.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Fault {
    name: &'static str,
    severity: Severity,
    about: About,
    explanation: &'static str,
}

/// How much of stack.yaml must be read for a finding to be true. A part that holds an error is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// What stands at the place: true whatever is mended elsewhere.
    What,
    /// One entry (a service, a route's host, an environment) and nothing beside it: true where all of that could be read.
    Entry,
    /// The whole: something that seems to be missing may be in a part that could not be read. The default.
    Whole,
}

impl Code {
    /// Every code, topic by topic.
    pub fn all() -> impl Iterator<Item = Code> {
        TOPICS.iter().copied().flatten().copied()
    }

    /// The code of that name.
    pub fn by_name(name: &str) -> Option<Code> {
        Code::all().find(|code| code.name() == name)
    }

    /// The name that messages show and `stackc explain` takes.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// How much a finding of this code weighs.
    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// How much must be read for a finding of this code to be true.
    pub fn about(self) -> About {
        self.0.about
    }

    /// What it means and how to mend it, several lines of text.
    pub fn explanation(self) -> &'static str {
        self.0.explanation
    }
}
