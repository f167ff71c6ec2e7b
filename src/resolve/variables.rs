//! Deploy-time variables: their defaults are texts that may use others, but not in a circle and not without end.

use indexmap::IndexMap;

use super::Scope;
use super::references::Position;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Declared, Piece, Text};
use crate::source::{Place, SpecPath};
use crate::spec::{Scalar, ScalarOr, Variable};

/// Pieces that a default may grow to when all variables in it are replaced by theirs.
const LARGEST_DEFAULT: usize = 1000;

pub(super) fn resolve(scope: &mut Scope<'_, '_>) -> IndexMap<String, Declared> {
    let mut declared = IndexMap::new();
    for (name, written) in &scope.spec.variables {
        let path = SpecPath::root().key("variables").key(name);
        let (default, default_path, required, description) = match written {
            ScalarOr::Short(Scalar(text)) => (Some(text.clone()), path.clone(), false, None),
            ScalarOr::Long(long) => {
                let default = long.default.as_ref().map(|default| default.0.clone());
                (default, path.key("default"), long.required.unwrap_or(false), long.description.clone())
            }
        };
        if scope.spec.secrets.contains_key(name) {
            let message = format!("`{name}` is a secret and a variable, and one file gives both their values");
            let finding = Finding::new(Code::InvalidName, Place::Key(path.clone()), message, "named twice");
            let other = Place::Key(SpecPath::root().key("secrets").key(name));
            scope.report(finding.related(other, "the secret").help("name one of them otherwise, or remove it"));
        }
        let default = default.map(|text| scope.text(&text, Position::public(&default_path, None)));
        for piece in default.iter().flat_map(|default| &default.pieces) {
            if let Piece::Literal(literal) = piece {
                scope.fits_default(literal, &default_path);
            }
        }
        if required && default.is_some() && !asked_for_by_base(scope, name) {
            let place = Place::Key(path.key("required"));
            let message = format!("the variable `{name}` has a default, so it is never missing");
            let finding = Finding::new(Code::InvalidValue, place, message, "never asked for");
            scope.report(finding.related(Place::Value(default_path), "its default").help("remove one of the two"));
        }
        let of_environment = default.is_some() && changes_default(scope, name);
        declared.insert(name.clone(), Declared { default, of_environment, required, description });
    }
    refuse_circles(scope, &mut declared);
    declared
}

/// Whether the environment that is resolved gives the variable another default than the base.
fn changes_default(scope: &Scope<'_, '_>, name: &str) -> bool {
    let Some((_, base)) = scope.environment else { return false };
    base.variables.get(name).and_then(default_of) != scope.spec.variables.get(name).and_then(default_of)
}

/// The default as it is written.
pub(super) fn default_of(written: &ScalarOr<Variable>) -> Option<&str> {
    match written {
        ScalarOr::Short(Scalar(text)) => Some(text),
        ScalarOr::Long(long) => long.default.as_ref().map(|default| default.0.as_str()),
    }
}

/// Whether the base has no default and asks for the variable, so that an environment's default answers it.
fn asked_for_by_base(scope: &Scope<'_, '_>, name: &str) -> bool {
    let base = scope.environment.and_then(|(_, base)| base.variables.get(name));
    matches!(base, Some(ScalarOr::Long(long)) if long.required == Some(true) && long.default.is_none())
}

fn refuse_circles(scope: &mut Scope<'_, '_>, declared: &mut IndexMap<String, Declared>) {
    let mut sizes = IndexMap::new();
    let names: Vec<String> = declared.keys().cloned().collect();
    for name in names {
        if size(&name, declared, &mut sizes, &mut Vec::new()).is_none_or(|size| size > LARGEST_DEFAULT) {
            let place = Place::Value(SpecPath::root().key("variables").key(&name));
            let finding = Finding::new(
                Code::ReferenceCycle,
                place,
                format!("the default of `{name}` leads back to itself, or has no end"),
                "never becomes a value",
            );
            scope.report(finding.help("give one of the variables involved a default without `${…}`"));
            declared[&name].default = None;
        }
    }
}

/// How many pieces the default of `name` has when all variables in it are replaced; none where it leads back to itself.
fn size(
    name: &str,
    declared: &IndexMap<String, Declared>,
    sizes: &mut IndexMap<String, usize>,
    open: &mut Vec<String>,
) -> Option<usize> {
    if let Some(known) = sizes.get(name) {
        return Some(*known);
    }
    if open.iter().any(|open| open == name) {
        return None;
    }
    open.push(name.to_owned());
    let default = declared.get(name).and_then(|declared| declared.default.as_ref());
    let mut total: usize = 1;
    for piece in default.map(Text::walk).unwrap_or_default() {
        if let Piece::Variable(variable) = piece {
            total = total.saturating_add(size(&variable.name, declared, sizes, open)?);
        }
    }
    open.pop();
    sizes.insert(name.to_owned(), total);
    Some(total)
}
