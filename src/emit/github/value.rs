//! Values in a workflow: fixed text stays text, what the deployment knows becomes an expression. None of them stands in a script: they reach it
//! as variables.

use crate::model::{Flat, GIT_SHA, Program, Stage};

/// Where expressions find what the deployment knows.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// A secret, by its name.
    pub secret: &'a dyn Fn(&str) -> String,
    /// A variable, by its name.
    pub variable: &'a dyn Fn(&str) -> String,
}

/// Secrets and variables as GitHub keeps them.
pub const KEPT: Names<'static> = Names { secret: &kept, variable: &kept_variable };

/// A variable as GitHub keeps it, or knows it by itself.
pub fn kept_variable(name: &str) -> String {
    if name == GIT_SHA { "github.sha".to_owned() } else { format!("vars.{name}") }
}

/// A secret as GitHub keeps it.
pub fn kept(name: &str) -> String {
    format!("secrets.{name}")
}

/// The stage of a secret, as the base declares it.
pub fn stage(program: &Program, secret: &str) -> Stage {
    program.base.secrets.get(secret).map(|secret| secret.stage).unwrap_or_default()
}

/// The variables without which `flat` is not what was meant, as their declarations say.
pub fn required(flat: &[Flat]) -> Vec<&str> {
    variables(flat, |required| required.is_some())
}

/// The variables in `flat` that are empty unless somebody sets them.
pub fn without_default(flat: &[Flat]) -> Vec<&str> {
    variables(flat, |_| true)
}

fn variables(flat: &[Flat], wanted: impl Fn(&Option<String>) -> bool) -> Vec<&str> {
    let name = |piece: &'_ Flat| matches!(piece, Flat::Variable { name, default: None, required } if name != GIT_SHA && wanted(required));
    let found = flat.iter().filter(|piece| name(piece));
    found.filter_map(|piece| if let Flat::Variable { name, .. } = piece { Some(name.as_str()) } else { None }).collect()
}

/// A resolved text: `postgres://db:${{ secrets.PASSWORD }}@127.0.0.1`.
pub fn text(flat: &[Flat], names: Names<'_>) -> String {
    let piece = |piece: &Flat| match piece {
        Flat::Literal(text) => fixed(text),
        other => format!("${{{{ {} }}}}", expression(std::slice::from_ref(other), names)),
    };
    flat.iter().map(piece).collect()
}

/// Text that means itself, also where GitHub would read an expression.
pub fn fixed(text: &str) -> String {
    text.replace("${{", "${{ '${{' }}")
}

/// The expression whose value a resolved text is.
fn expression(flat: &[Flat], names: Names<'_>) -> String {
    match flat {
        [Flat::Literal(text)] => quoted(text),
        [Flat::Secret(name)] => (names.secret)(name),
        [Flat::Variable { name, default, .. }] => match default.as_deref() {
            // Without a value it is empty anyway.
            None | Some([]) => (names.variable)(name),
            Some(default) => format!("{} || {}", (names.variable)(name), expression(default, names)),
        },
        several => {
            let (mut form, mut arguments) = (String::new(), Vec::new());
            for piece in several {
                match piece {
                    Flat::Literal(text) => form.push_str(&text.replace('{', "{{").replace('}', "}}")),
                    Flat::Variable { .. } | Flat::Secret(_) => {
                        form.push_str(&format!("{{{}}}", arguments.len()));
                        arguments.push(format!(", {}", expression(std::slice::from_ref(piece), names)));
                    }
                }
            }
            format!("format({}{})", quoted(&form), arguments.concat())
        }
    }
}

/// Text as a string of GitHub's expressions.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, default: Option<Vec<Flat>>) -> Flat {
        Flat::Variable { name: name.to_owned(), default, required: None }
    }

    fn literal(text: &str) -> Flat {
        Flat::Literal(text.to_owned())
    }

    #[test]
    fn what_the_deployment_knows_is_an_expression() {
        let url = [literal("db://"), Flat::Secret("PASSWORD".into()), literal("@h")];
        assert_eq!(text(&url, KEPT), "db://${{ secrets.PASSWORD }}@h");
        let nested = variable("HOST", Some(vec![variable("NAME", None), literal(".it's{}")]));
        assert_eq!(text(&[nested], KEPT), "${{ vars.HOST || format('{0}.it''s{{}}', vars.NAME) }}");
        assert_eq!(text(&[variable("TAG", Some(vec![literal("main")]))], KEPT), "${{ vars.TAG || 'main' }}");
        assert_eq!(text(&[variable("TAG", Some(Vec::new()))], KEPT), "${{ vars.TAG }}");
    }

    #[test]
    fn text_that_looks_like_an_expression_stays_text() {
        assert_eq!(text(&[literal("a ${{ b }}")], KEPT), "a ${{ '${{' }} b }}");
    }
}
