//! What is said about a wrong `stack.yaml`: code, span, message, help, related spans. Says nothing itself;
//! `cli` renders it.

use std::collections::HashSet;

use crate::code::{About, Code};
use crate::source::{Locate, Place, Span};

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is written while one is left.
    Error,
    /// Outputs are written; the user should look.
    Warning,
    /// Worth knowing.
    Advice,
}

/// One finding about `stack.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The fault's name; `stackc explain` knows more of it.
    pub code: Code,
    /// One lower-case clause in the user's words.
    pub message: String,
    /// The bytes it is about.
    pub span: Span,
    /// What stands at the span, in a few words.
    pub label: String,
    /// What to do, typable as it stands.
    pub help: Option<String>,
    /// Other spans that belong to the fault, each with its label.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// A diagnostic without help and related spans.
    pub fn new(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), span, label: label.into(), help: None, related: Vec::new() }
    }

    /// The same with a help line.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with one more labelled span.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// The weight of its code.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// All findings of a run, each once.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    said: HashSet<(Code, usize, usize, String)>,
}

impl Diagnostics {
    /// Adds a finding, unless the same code already says the same at the same span (environments repeat the base's faults).
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let Span { start, end } = diagnostic.span;
        if self.said.insert((diagnostic.code, start, end, diagnostic.message.clone())) {
            self.list.push(diagnostic);
        }
    }

    /// Those for which `drops` is false.
    #[must_use]
    pub fn without(mut self, drops: impl Fn(&Diagnostic) -> bool) -> Self {
        self.list.retain(|diagnostic| !drops(diagnostic));
        self
    }

    /// Whether any finding forbids writing.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity() == Severity::Error)
    }

    /// Adds the findings of a later stage. After an error only those that stand alone: the others may come of what could not be read.
    /// `around` gives the entries in which errors lie.
    pub fn add_later(&mut self, later: Diagnostics, around: impl FnOnce(&[Span]) -> Vec<Span>) {
        let errors = self.list.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error);
        let errors: Vec<Span> = errors.map(|diagnostic| diagnostic.span.clone()).collect();
        let doubtful = if errors.is_empty() { Vec::new() } else { around(&errors) };
        let sound = |span: &Span| !doubtful.iter().any(|entry| entry.start <= span.start && span.start < entry.end);
        for diagnostic in later.list {
            let true_anyway = match diagnostic.code.about() {
                About::What => true,
                About::Entry => sound(&diagnostic.span),
                About::Whole => false,
            };
            if errors.is_empty() || true_anyway {
                self.push(diagnostic);
            }
        }
    }

    /// All findings by position, then by weight.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.list.iter().collect();
        all.sort_by_key(|d| (d.span.start, d.severity(), d.span.end));
        all
    }

    /// All findings in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }
}

/// A sink for findings that are named by path: finds the span when one is reported.
pub struct Findings<'a> {
    locate: &'a dyn Locate,
    list: &'a mut Diagnostics,
}

impl<'a> Findings<'a> {
    /// A sink that finds spans in `locate` and adds to `list`.
    pub fn new(locate: &'a dyn Locate, list: &'a mut Diagnostics) -> Self {
        Findings { locate, list }
    }

    /// Adds `finding`.
    pub fn report(&mut self, finding: Finding) {
        let Finding { code, place, message, label, help, related } = finding;
        let mut diagnostic = Diagnostic::new(code, self.locate.span(&place), message, label);
        diagnostic.help = help;
        for (place, label) in related {
            diagnostic.related.push((self.locate.span(&place), label));
        }
        self.list.push(diagnostic);
    }
}

/// A [`Diagnostic`] before its spans are known.
#[derive(Debug, Clone)]
pub struct Finding {
    code: Code,
    place: Place,
    message: String,
    label: String,
    help: Option<String>,
    related: Vec<(Place, String)>,
}

impl Finding {
    /// A finding at `place`; `label` says in a few words what stands there.
    pub fn new(code: Code, place: Place, message: impl Into<String>, label: impl Into<String>) -> Self {
        Finding { code, place, message: message.into(), label: label.into(), help: None, related: Vec::new() }
    }

    /// What it points at.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The same with a help line.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with one more labelled place.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((place, label.into()));
        self
    }
}

/// The word of `known` that `word` was probably meant to be.
pub fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    let word = word.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&word, &known.to_lowercase());
    let near = known.iter().copied().filter(|known| distance(known) <= 1 + word.len().max(known.len()) / 4);
    near.min_by_key(|known| distance(known))
}
