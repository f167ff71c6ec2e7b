//! Parses strings into `Text`: `${a.b}` is a reference, `${NAME}` a deploy-time variable, `$$` a dollar sign.

use super::{Scope, did_you_mean};
use crate::code::Code;
use crate::diagnostic::{Finding, nearest};
use crate::model::{GIT_SHA, Operator, Piece, Reference, Text, Variable};
use crate::source::{Place, SpecPath};
use crate::spec::Stage;

/// Where a string stands, which decides what it may refer to.
#[derive(Clone, Copy)]
pub(super) struct Position<'p> {
    /// Its path.
    pub path: &'p SpecPath,
    /// The service it belongs to.
    pub service: Option<&'p str>,
    /// Whether a secret may stand in it: only where the program reads it at run time, or CI hands it to a script.
    pub secrets: bool,
    /// Whether CI reads it, which may know secrets of every stage.
    pub ci: bool,
    /// How many defaults it stands in.
    pub nested: usize,
}

impl<'p> Position<'p> {
    /// A value that the service's program reads at run time.
    pub fn running(path: &'p SpecPath, service: &'p str) -> Self {
        Position { path, service: Some(service), secrets: true, ci: false, nested: 0 }
    }

    /// A value that outputs hold as text.
    pub fn public(path: &'p SpecPath, service: Option<&'p str>) -> Self {
        Position { path, service, secrets: false, ci: false, nested: 0 }
    }

    /// A variable of a script that CI runs.
    pub fn in_ci(path: &'p SpecPath) -> Self {
        Position { path, service: None, secrets: true, ci: true, nested: 0 }
    }

    fn inner(self) -> Self {
        Position { secrets: false, nested: self.nested + 1, ..self }
    }
}

/// Defaults in defaults that still can be read.
const MOST_NESTED: usize = 8;

impl Scope<'_, '_> {
    /// Parses `written`; what is wrong in it is reported and left out of the result.
    pub(super) fn text(&mut self, written: &str, at: Position<'_>) -> Text {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = written;
        if written.contains('\0') {
            let finding = Finding::new(
                Code::UnrepresentableValue,
                Place::Value(at.path.clone()),
                "no variable or argument can hold a NUL byte",
                "holds NUL",
            );
            self.report(finding.help("remove `\\0`"));
        }
        while let Some(dollar) = rest.find('$') {
            literal.push_str(&rest[..dollar]);
            rest = &rest[dollar..];
            if let Some(after) = rest.strip_prefix("$$") {
                literal.push('$');
                rest = after;
            } else if rest.starts_with("${") {
                let Some(end) = closing_brace(rest) else {
                    self.invalid(
                        at,
                        rest,
                        "this `${` is never closed",
                        "close it with `}`; or write `$${` for the text itself",
                    );
                    rest = "";
                    break;
                };
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.extend(self.braced(&rest[..=end], at));
                rest = &rest[end + 1..];
            } else {
                self.bare_variable(rest, at);
                literal.push('$');
                rest = &rest[1..];
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Text { pieces, path: at.path.clone() }
    }

    fn bare_variable(&mut self, rest: &str, at: Position<'_>) {
        let name: String = rest[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let help = format!("write `${{{name}}}` for a deploy-time variable, `$${name}` for the text itself");
            self.invalid(at, &format!("${name}"), &format!("`${name}` could be a variable or text"), &help);
        }
    }

    /// The pieces for `${…}`, braces included; none where it is wrong.
    fn braced(&mut self, written: &str, at: Position<'_>) -> Vec<Piece> {
        let inner = &written[2..written.len() - 1];
        let name_end = inner.find(':').unwrap_or(inner.len());
        let (name, operator) = inner.split_at(name_end);
        if name.contains('.') && !operator.is_empty() {
            let message = format!("`{written}` is a reference, and a reference takes no default");
            self.invalid(at, written, &message, &format!("write `${{{name}}}`; stackc knows its value"));
            return Vec::new();
        }
        if name.contains('.') {
            return self.reference(name, written, at).into_iter().collect();
        }
        if name == "registry" {
            return self.registry_pieces(written, at);
        }
        if !is_variable_name(name) {
            let help = "write `${services.NAME.address}` for a reference, `${NAME}` or `${NAME:-default}` for a variable, `$${` for the text itself";
            self.invalid(at, written, &format!("`{written}` is neither a reference nor a variable"), help);
            return Vec::new();
        }
        let Some(operator) = self.operator(operator, written, at) else { return Vec::new() };
        self.knows_variable(name, &operator, written, at);
        vec![Piece::Variable(Variable { name: name.to_owned(), operator })]
    }

    /// What `registry` says, in place of `${registry}`.
    fn registry_pieces(&mut self, written: &str, at: Position<'_>) -> Vec<Piece> {
        if *at.path == SpecPath::root().key("registry") {
            self.invalid(at, written, "`registry` cannot refer to itself", "write the registry's host and folder");
            return Vec::new();
        }
        if let Some(registry) = self.registry() {
            return registry.pieces;
        }
        let place = Place::Within(at.path.clone(), written.to_owned());
        let finding = Finding::new(Code::UnknownReference, place, "this stack has no `registry`", "refers to it");
        self.report(finding.help("at the top, write `registry: ghcr.io/OWNER/NAME`"));
        Vec::new()
    }

    fn operator(&mut self, operator: &str, written: &str, at: Position<'_>) -> Option<Operator> {
        if operator.is_empty() {
            return Some(Operator::None);
        }
        if let Some(default) = operator.strip_prefix(":-") {
            let default = self.nested(default, written, at)?;
            // A script of CI holds any default.
            let literals = default.pieces.iter().filter(|_| !at.ci);
            for piece in literals {
                if let Piece::Literal(literal) = piece {
                    self.fits_default(literal, at.path);
                }
            }
            return Some(Operator::Default(default));
        }
        if let Some(message) = operator.strip_prefix(":?") {
            let message = self.nested(message, written, at)?;
            if message.as_literal().is_none() {
                let what = format!("the message of `{written}` is plain text");
                self.invalid(at, written, &what, "write it without references and variables");
            }
            return Some(Operator::Required(message));
        }
        self.invalid(
            at,
            written,
            &format!("`{written}` has an operator that is not known here"),
            "the operators are `:-default` and `:?message`",
        );
        None
    }

    fn nested(&mut self, text: &str, written: &str, at: Position<'_>) -> Option<Text> {
        if at.nested < MOST_NESTED {
            return Some(self.text(text, at.inner()));
        }
        let short: String = written.chars().take(20).collect();
        self.invalid(at, &short, "defaults are nested too deep", "declare a variable for the inner ones");
        None
    }

    fn knows_variable(&mut self, name: &str, operator: &Operator, written: &str, at: Position<'_>) {
        if self.spec.variables.contains_key(name) || !matches!(operator, Operator::None) {
            return;
        }
        let place = Place::Within(at.path.clone(), written.to_owned());
        if self.spec.secrets.contains_key(name) {
            let finding = Finding::new(
                Code::UndeclaredVariable,
                place,
                format!("`{name}` is a secret, not a variable"),
                "a secret",
            );
            self.report(finding.help(format!("write `${{secrets.{name}}}`")));
            return;
        }
        let finding = Finding::new(
            Code::UndeclaredVariable,
            place,
            format!("the variable `{name}` is not declared"),
            "not declared under `variables`",
        );
        let known: Vec<&str> = self.spec.variables.keys().map(String::as_str).collect();
        let near = nearest(name, &known).map(|near| format!("did you mean `{near}`? Or ")).unwrap_or_default();
        self.report(finding.help(format!(
            "{near}declare it: `variables: {{{name}: default}}`, or give a default here: `${{{name}:-default}}`"
        )));
    }

    fn reference(&mut self, name: &str, written: &str, at: Position<'_>) -> Option<Piece> {
        let place = Place::Within(at.path.clone(), written.to_owned());
        let steps: Vec<&str> = name.split('.').collect();
        match steps.as_slice() {
            ["stack", "name"] => Some(Piece::Literal(self.spec.name.clone())),
            ["environment", "name"] => Some(Piece::Reference(Reference::EnvironmentName)),
            // Only the deployment knows it; scripts and workflows set it.
            ["git", "sha"] => {
                let unknown = Text::literal("unknown", at.path.clone());
                Some(Piece::Variable(Variable { name: GIT_SHA.to_owned(), operator: Operator::Default(unknown) }))
            }
            ["secrets", _] if !at.secrets => {
                let message = format!("`{written}` would stand as text here, and a secret's value never does");
                let finding = Finding::new(Code::SecretStage, place, message, "not a place for a secret");
                self.report(finding.help(
                    "a secret may stand in a service's `env`, its `command` and that of its `healthcheck`, and not in a default",
                ));
                None
            }
            ["secrets", secret] if at.ci => {
                self.declares_secret(secret, Stage::Ci, place).then(|| Piece::Secret((*secret).to_owned()))
            }
            ["secrets", secret] => {
                self.knows_secret(secret, Stage::Run, place).then(|| Piece::Secret((*secret).to_owned()))
            }
            ["volumes", volume, "path"] => self.volume_path(volume, place, at).map(Piece::Literal),
            ["services", service, field] => self.service_field(service, field, written, place),
            ["services", service, "ports", port] => self
                .knows_port(service, port, place)
                .then(|| Piece::Reference(Reference::Port((*service).to_owned(), Some((*port).to_owned())))),
            _ if written.starts_with("${{") => {
                self.expression(format!("{written}}}"), &at);
                None
            }
            _ => {
                let finding = Finding::new(
                    Code::UnknownReference,
                    place,
                    format!("`{written}` refers to nothing that stackc knows"),
                    "unknown reference",
                );
                self.report(finding.help(match self.meant(&steps) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "references are ${services.NAME.host|port|address|url|image}, ${services.NAME.ports.PORT}, ${volumes.NAME.path}, ${secrets.NAME}, ${registry}, ${stack.name}, ${environment.name}, ${git.sha}".to_owned(),
                }));
                None
            }
        }
    }

    /// An expression of GitHub, whose words are ours to write.
    fn expression(&mut self, written: String, at: &Position) {
        let message = format!("`{written}` is an expression of GitHub, and stackc fills in its own references");
        let inner = written.trim_start_matches("${{").trim_end_matches("}}").trim();
        let help = match inner.split_once('.') {
            Some(("secrets", name)) => format!("write `${{secrets.{name}}}`"),
            Some(("github", "sha")) => "write `${git.sha}`".to_owned(),
            Some(("vars", name)) => format!("write `${{{name}}}`"),
            _ => "in lines of shell, use a variable of the runner, such as `\"$GITHUB_REF_NAME\"`; where the braces are meant, write `$${{`".to_owned(),
        };
        let place = Place::Within(at.path.clone(), written);
        self.report(Finding::new(Code::UnknownReference, place, message, "not filled in").help(help));
    }

    fn service_field(&mut self, service: &str, field: &str, written: &str, place: Place) -> Option<Piece> {
        let name = service.to_owned();
        let reference = match field {
            "host" => Reference::Host(name),
            "port" => Reference::Port(name, None),
            "address" => Reference::Address(name),
            "url" => Reference::Url(name),
            "image" => Reference::Image(name),
            "ports" => {
                let first = self.spec.services.get(service).and_then(|service| service.ports.keys().next());
                let first = first.map_or("http", String::as_str);
                let message = format!("`{written}` does not say which port");
                let finding = Finding::new(Code::UnknownReference, place, message, "which one?");
                self.report(finding.help(format!("write `${{services.{service}.ports.{first}}}`")));
                return None;
            }
            other => {
                let known = ["host", "port", "address", "url", "image", "ports"];
                let message = format!("a service has no `{other}` to refer to");
                let finding = Finding::new(Code::UnknownReference, place, message, "unknown field");
                self.report(finding.help(did_you_mean(other, &known, "fields")));
                return None;
            }
        };
        self.knows_service(service, place).then_some(Piece::Reference(reference))
    }

    /// Whether `service` declares `port`; reports at `place` if not.
    pub(super) fn knows_port(&mut self, service: &str, port: &str, place: Place) -> bool {
        if !self.knows_service(service, place.clone()) {
            return false;
        }
        let ports = &self.spec.services[service].ports;
        if ports.contains_key(port) {
            return true;
        }
        let known: Vec<&str> = ports.keys().map(String::as_str).collect();
        let help = did_you_mean(port, &known, "ports");
        let finding = Finding::new(
            Code::NoPort,
            place,
            format!("the service `{service}` has no port `{port}`"),
            "not a port of that service",
        );
        self.report(finding.help(help));
        false
    }

    fn volume_path(&mut self, volume: &str, place: Place, at: Position<'_>) -> Option<String> {
        let service = at.service.and_then(|name| self.spec.services.get(name));
        let mounted = service.and_then(|service| {
            service.volumes.iter().find(|(_, mount)| super::mounts::volume_of(mount) == Some(volume))
        });
        if let Some((target, _)) = mounted {
            return Some(target.clone());
        }
        let message = format!("this service does not mount a volume `{volume}`");
        let finding = Finding::new(Code::UnknownReference, place, message, "not mounted here");
        self.report(finding.help(format!("mount it: `volumes: {{/data: {volume}}}`; the path is then /data")));
        None
    }

    fn invalid(&mut self, at: Position<'_>, written: &str, message: &str, help: &str) {
        let place = Place::Within(at.path.clone(), written.to_owned());
        self.report(Finding::new(Code::InvalidReference, place, message, "here").help(help));
    }
}

/// The index of the brace that closes the one at index 1 of `text`.
pub(super) fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
