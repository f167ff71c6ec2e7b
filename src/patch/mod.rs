//! The user's last word on outputs: `overrides` applied to the tree before it is printed.
//!
//! YAML and TOML take an RFC 7396 merge; text takes replacements, then a text in front and one behind. An override
//! that matches nothing is reported: it was meant for something that is no longer there.

mod compose;
mod doors;

pub use doors::doors;

use crate::artifact::yaml::{Entry, Yaml};
use crate::artifact::{Artifact, Body, Tree, marker, toml};
use crate::code::Code;
use crate::diagnostic::{Finding, Findings, nearest};
use crate::source::{Locate, Place, SpecPath, Step};
use crate::spec::door::COMPOSE_STARTS;
use crate::spec::{Override, Replacement};
use crate::syntax::Typed;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use toml_edit::{Item, TableLike};

/// Changes the outputs as `overrides` says, by path; reports each part that cannot be done or has no effect.
pub fn apply(tree: &mut Tree, overrides: &IndexMap<String, Override>, findings: &mut Findings) {
    for (path, wanted) in overrides {
        let at = SpecPath::root().key("overrides").key(path);
        match tree.get_mut(path) {
            Some(artifact) => patch(artifact, wanted, &at, findings),
            None => findings.report(unknown_output(tree, path, at)),
        }
    }
}

fn patch(artifact: &mut Artifact, wanted: &Override, at: &SpecPath, findings: &mut Findings) {
    let before = artifact.body.print();
    let mut site = Site { output: &artifact.path, findings, base: None, reported: false };
    site.refuse_words(&artifact.body, wanted, at);
    match &mut artifact.body {
        Body::Text { text } => site.patch_text(text, wanted, at),
        Body::Yaml(root) => wanted.merge.iter().for_each(|Typed(patch)| site.merge_yaml(root, patch, &at.key("merge"))),
        Body::Toml(document) => {
            wanted
                .merge
                .iter()
                .for_each(|Typed(patch)| site.merge_toml(document.as_table_mut(), patch, &at.key("merge")));
        }
    }
    let reported = site.reported;
    if let Body::Yaml(root) = &artifact.body
        && let Some(Typed(merge)) = &wanted.merge
    {
        let about = |name: &str| merge.get("services")?.get(name).map(|_| at.key("merge").key("services").key(name));
        compose::check_names(root, &artifact.path, &about, findings);
    }
    if !reported && artifact.body.print() == before {
        let message = format!("the override changes nothing in {}", artifact.path);
        let finding = Finding::new(Code::OverrideUnmatched, Place::Key(at.clone()), message, "no effect");
        findings.report(finding.help("remove it: the output already says this"));
    }
}

/// One override at work on one output.
struct Site<'a, 'f> {
    output: &'a str,
    findings: &'a mut Findings<'f>,
    /// Where the base stands, if the words are a door's, which adds to what the language says.
    base: Option<&'a dyn Locate>,
    reported: bool,
}

impl Site<'_, '_> {
    /// Reports the words that are not for this kind of output.
    fn refuse_words(&mut self, body: &Body, wanted: &Override, at: &SpecPath) {
        let text_words = [
            ("replace", !wanted.replace.is_empty()),
            ("prepend", wanted.prepend.is_some()),
            ("append", wanted.append.is_some()),
        ];
        let (words, kind, other, help) = match body {
            Body::Text { .. } => {
                let help = "write `append: …`, `prepend: …` or `replace: [{find: …, with: …}]`";
                (vec![("merge", wanted.merge.is_some())], "text", "YAML and TOML", help)
            }
            Body::Yaml(_) => (text_words.to_vec(), "YAML", "text", "write `merge: {…}` with the keys to change"),
            Body::Toml(_) => (text_words.to_vec(), "TOML", "text", "write `merge: {…}` with the keys to change"),
        };
        for (word, _) in words.into_iter().filter(|(_, used)| *used) {
            let message = format!("`{word}` is for {other}, and {} is {kind}", self.output);
            let place = Place::Key(at.key(word));
            self.report(Finding::new(Code::InvalidValue, place, message, format!("a {kind} output")).help(help));
        }
    }

    fn patch_text(&mut self, text: &mut String, wanted: &Override, at: &SpecPath) {
        for (index, Replacement { find, with }) in wanted.replace.iter().enumerate() {
            let replaced = replace_words(text, find, with);
            if find.is_empty() || replaced.is_none() {
                let place = Place::Value(at.key("replace").index(index).key("find"));
                let message = format!("the text to find does not occur in {}", self.output);
                let finding = Finding::new(Code::OverrideUnmatched, place, message, "not in the output");
                self.report(finding.help(closest_line(text, find)));
            } else {
                replaced.into_iter().for_each(|replaced| *text = replaced);
            }
        }
        if let Some(prepended) = &wanted.prepend {
            end_line(text);
            let mut prepended = prepended.clone();
            end_line(&mut prepended);
            text.insert_str(marker::head_len(text), &prepended);
        }
        if let Some(appended) = &wanted.append {
            end_line(text);
            text.push_str(appended);
        }
    }

    fn merge_yaml(&mut self, target: &mut Yaml, patch: &Map<String, Json>, at: &SpecPath) {
        if !matches!(target, Yaml::Map(_)) {
            *target = Yaml::Map(Vec::new());
        }
        let Yaml::Map(entries) = target else { return };
        for (key, value) in patch {
            let at = at.key(key);
            let known = entries.iter().position(|entry| entry.key == *key);
            match (known, value) {
                (Some(known), Json::Null) => {
                    entries.remove(known);
                    let starts = |entry: &Entry| COMPOSE_STARTS.contains(&entry.key.as_str());
                    if COMPOSE_STARTS.contains(&key.as_str()) && is_service(&at.parent()) && !entries.iter().any(starts)
                    {
                        self.nothing_to_start(&at);
                    }
                }
                (Some(known), other)
                    if self.base.is_some() && matches!(entries[known].value, Yaml::Map(_)) && !other.is_object() =>
                {
                    self.other_form(&at);
                }
                (None, Json::Null) => {
                    self.nothing_to_remove(&at, entries.iter().map(|entry| entry.key.as_str()));
                }
                (Some(known), Json::Object(inner)) => self.merge_yaml(&mut entries[known].value, inner, &at),
                (Some(known), value) => replace_yaml(&mut entries[known].value, value),
                (None, Json::Object(inner)) => {
                    if is_service(&at) && !COMPOSE_STARTS.iter().any(|word| inner.contains_key(*word)) {
                        self.no_such_service(&at, entries.iter().map(|entry| entry.key.as_str()));
                    }
                    let mut added = Entry::new(key, Yaml::Map(Vec::new()));
                    self.merge_yaml(&mut added.value, inner, &at);
                    entries.push(added);
                }
                (None, value) => entries.push(Entry::new(key, Yaml::from_json(value))),
            }
        }
    }

    fn merge_toml(&mut self, target: &mut dyn TableLike, patch: &Map<String, Json>, at: &SpecPath) {
        for (key, value) in patch {
            let at = at.key(key);
            match value {
                Json::Null => {
                    if target.remove(key).is_none() {
                        self.nothing_to_remove(&at, target.iter().map(|(key, _)| key));
                    }
                }
                Json::Object(inner) => {
                    if target.get(key).is_none_or(|item| !item.is_table_like()) {
                        put_toml(target, key, Item::Table(toml_edit::Table::new()));
                    }
                    if let Some(table) = target.get_mut(key).and_then(Item::as_table_like_mut) {
                        self.merge_toml(table, inner, &at);
                    }
                }
                value => match toml::from_json(value) {
                    Ok(item) => put_toml(target, key, item),
                    Err(toml::NoToml) => self.no_null(at),
                },
            }
        }
    }

    fn nothing_to_remove<'k>(&mut self, at: &SpecPath, known: impl Iterator<Item = &'k str>) {
        // An environment takes back a word of the base's door.
        if self.base.is_some_and(|base| base.has(at)) {
            return;
        }
        let key = at.last_key().unwrap_or_default();
        let known: Vec<&str> = known.collect();
        let help = match (nearest(key, &known), known.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, false) => format!("the keys there are: {}", known.join(", ")),
            (None, true) => "remove it: there are no keys at this place".to_owned(),
        };
        let message = format!("{} has no `{key}` to remove here", self.output);
        let finding = Finding::new(Code::OverrideUnmatched, Place::Key(at.clone()), message, "nothing to remove");
        self.report(finding.help(help));
    }

    fn no_such_service<'k>(&mut self, at: &SpecPath, known: impl Iterator<Item = &'k str>) {
        let key = at.last_key().unwrap_or_default();
        let known: Vec<&str> = known.collect();
        let help = match nearest(key, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the services there are: {}; a new one needs an `image`", known.join(", ")),
        };
        let message = format!("{} has no service `{key}`, and these words alone do not make one", self.output);
        let finding = Finding::new(Code::OverrideUnmatched, Place::Key(at.clone()), message, "no such service");
        self.report(finding.help(help));
    }

    fn nothing_to_start(&mut self, at: &SpecPath) {
        let key = at.last_key().unwrap_or_default();
        let message = format!("without `{key}` the service in {} has neither an image nor a build", self.output);
        let finding = Finding::new(Code::InvalidValue, Place::Key(at.clone()), message, "nothing is left to start");
        self.report(finding.help("write another image, or leave the service out: `services: {NAME: null}`"));
    }

    fn other_form(&mut self, at: &SpecPath) {
        let key = at.last_key().unwrap_or_default();
        let message = format!("this would take the place of all that {} says under `{key}`", self.output);
        let finding = Finding::new(Code::InvalidValue, Place::Value(at.clone()), message, "not a mapping");
        self.report(finding.help(format!("write `{key}` as a mapping, which is merged: `{key}: {{NAME: VALUE}}`")));
    }

    fn no_null(&mut self, at: SpecPath) {
        let message = format!("`null` stands in a list of {}, and TOML has no word for it", self.output);
        let finding = Finding::new(Code::InvalidValue, Place::Value(at), message, "holds a null");
        self.report(finding.help("leave the item out of the list"));
    }

    fn report(&mut self, finding: Finding) {
        self.findings.report(finding);
        self.reported = true;
    }
}

/// Whether `at` is a service of a Compose file: `overrides.FILE.merge.services.NAME`, `environments.NAME.compose.services.NAME`, or the door of one.
fn is_service(at: &SpecPath) -> bool {
    let keys: Vec<&str> =
        at.0.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).collect();
    matches!(
        keys.as_slice(),
        ["overrides", _, "merge", "services", _]
            | ["environments", _, "compose", "services", _]
            | ["services" | "jobs", _, "compose"]
    )
}

/// Replaces a value; a list that stood on one line stays on one.
fn replace_yaml(target: &mut Yaml, value: &Json) {
    *target = match (&*target, value) {
        (Yaml::Flow(_), Json::Array(items)) => Yaml::flow(items.iter().map(Yaml::from_json)),
        (_, value) => Yaml::from_json(value),
    };
}

/// Sets a key in place where there is one, so that its comment stays.
fn put_toml(target: &mut dyn TableLike, key: &str, item: Item) {
    match target.get_mut(key) {
        Some(known) if known.is_value() && item.is_value() => *known = item,
        _ => drop(target.insert(key, item)),
    }
}

fn unknown_output(tree: &Tree, path: &str, at: SpecPath) -> Finding {
    let outputs: Vec<&str> = tree.paths().collect();
    let near = nearest(path, &outputs).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let message = format!("`{path}` is overridden and is not an output of this stack");
    Finding::new(Code::OverrideUnmatched, Place::Key(at), message, "no such output")
        .help(format!("{near}the outputs are: {}", outputs.join(", ")))
}

/// `text` with each occurrence of `find` replaced that is no part of a longer word or number; none if there is no such.
fn replace_words(text: &str, find: &str, with: &str) -> Option<String> {
    let joins = |one: Option<char>, other: Option<char>| {
        let of_word = |c: char| c.is_alphanumeric() || c == '_';
        one.is_some_and(of_word) && other.is_some_and(of_word)
    };
    let first = find.chars().next()?;
    let (mut out, mut end, mut from) = (String::with_capacity(text.len()), 0, 0);
    while let Some(start) = text[from..].find(find).map(|at| from + at) {
        let (before, after) = (&text[..start], &text[start + find.len()..]);
        if joins(before.chars().next_back(), Some(first)) || joins(find.chars().next_back(), after.chars().next()) {
            // The next may begin within this one.
            from = start + first.len_utf8();
            continue;
        }
        out.push_str(&text[end..start]);
        out.push_str(with);
        end = start + find.len();
        from = end;
    }
    out.push_str(&text[end..]);
    (end > 0).then_some(out)
}

fn closest_line(text: &str, find: &str) -> String {
    let wanted = find.lines().next().unwrap_or_default().trim();
    let likeness = |line: &&str| (strsim::normalized_damerau_levenshtein(line, wanted) * 1000.0) as u32;
    match text.lines().map(str::trim).max_by_key(likeness).filter(|line| likeness(line) > 600) {
        Some(line) => format!("the text must match exactly, and whole words; the closest line is `{line}`"),
        None => "the text must match exactly, blanks and line breaks included".to_owned(),
    }
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::replace_words;

    #[test]
    fn whole_words_are_replaced() {
        let replaced = |text, find| replace_words(text, find, "X");
        assert_eq!(replaced("ab abc ab", "ab").as_deref(), Some("X abc X"));
        assert_eq!(replaced("xab ab ab", "ab ab").as_deref(), Some("xab X"));
        assert_eq!(replaced("A_PORT $PORT", "PORT").as_deref(), Some("A_PORT $X"));
        assert_eq!(replaced("é é1", "é").as_deref(), Some("X é1"));
        assert_eq!(replaced("abc", "ab"), None);
        assert_eq!(replaced("abc", ""), None);
    }
}
