//! Lines that are indented by a tab, by too little or too much, and dashes among keys.
//!
//! The help line names the columns at which the line would fit, each with the key or dash that it then stands beside.

use super::{Scene, value};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::lex::BLANKS;
use crate::syntax::line::{Line, spaces, ticked, typable};
use crate::syntax::problem::{character, character_before};

/// A tab where only spaces may stand.
pub(super) fn tab(scene: &Scene<'_>) -> Diagnostic {
    let line = tab_line(scene.line(scene.at));
    let indent = line.margin();
    let Some(first) = scene.slice(&indent).find('\t') else { return tab_inside(scene) };
    let run = &scene.slice(&indent)[first..];
    let span = indent.start + first..indent.start + first + (run.len() - run.trim_start_matches('\t').len());
    let help = match line.is_blank() {
        true => "remove the tab, or write spaces".to_owned(),
        false => format!("write {}", typable(&line.content().trim_end_matches(BLANKS).replace('\t', "  "))),
    };
    scene.fault(span, "a tab is used for indentation, where YAML takes spaces only", "tab").help(help)
}

/// The first line from here on that is indented by a tab.
fn tab_line(mut line: Line<'_>) -> Line<'_> {
    while !line.content()[..line.indent()].contains('\t') {
        match line.next() {
            Some(next) => line = next,
            None => break,
        }
    }
    line
}

fn tab_inside(scene: &Scene<'_>) -> Diagnostic {
    let line = scene.line(scene.at);
    let behind = scene.text[scene.at..line.end.max(scene.at)].find('\t').map(|found| scene.at + found);
    let at = behind.or_else(|| line.content().find('\t').map(|found| line.margin().start + found)).unwrap_or(scene.at);
    let fixed = line.content().trim_matches(BLANKS).replace('\t', " ");
    scene
        .fault(character(scene.text, at), "a tab stands where YAML takes spaces only", "tab")
        .help(format!("write {}", typable(&fixed)))
}

/// Something else stands where the next key of a mapping should.
pub(super) fn key_expected(scene: &Scene<'_>) -> Diagnostic {
    let here = scene.line(scene.at);
    let before = scene.text[here.start..scene.at].trim_matches(BLANKS);
    if !before.is_empty() && before.chars().all(|c| c == '-') {
        return dash_among_keys(scene, here);
    }
    let last = &scene.reached.last;
    if last.end > here.start && last.end <= scene.at {
        return after_value(scene);
    }
    if scene.reached.block && here.key().is_none() {
        let by_tab = scene.slice(&here.margin()).contains('\t');
        return if by_tab { tab(scene) } else { below_block(scene, here) };
    }
    if here.indent() > scene.line(last.start).indent() && here.key().is_some() {
        return value::under_value(scene);
    }
    unfit(scene)
}

fn dash_among_keys(scene: &Scene<'_>, here: Line<'_>) -> Diagnostic {
    let body = here.body();
    let item = scene.slice(&body).trim_start_matches(['-', ' ']);
    let help = match item {
        "" => "remove the dash, or give the list a key of its own".to_owned(),
        _ => format!("give the list a key of its own, or remove the dash: {}", typable(item)),
    };
    scene.fault(body, "a list item stands among the keys of a mapping", "starts with a dash").help(help)
}

/// `[a] b`: text after a value that is complete.
fn after_value(scene: &Scene<'_>) -> Diagnostic {
    let span = scene.rest(scene.at);
    let message = format!("{} stands after a value that has already ended", ticked(scene.slice(&span)));
    let end = scene.reached.last.end;
    scene
        .fault(span, message, "not part of the value")
        .help("remove it, or put the whole value in quotes")
        .related(character_before(scene.text, end), "the value ends here")
}

/// A line after a text block that is indented less than the block and more than its key.
fn below_block(scene: &Scene<'_>, here: Line<'_>) -> Diagnostic {
    let block = scene.line(scene.reached.last.start);
    let fixed = format!("{}{}", " ".repeat(block.indent()), scene.slice(&here.body()));
    let message = format!("{} is indented less than the text block above it", ticked(scene.slice(&here.body())));
    scene
        .fault(here.body(), message, format!("{}, the block has {}", spaces(here.indent()), block.indent()))
        .help(format!("write {}", typable(&fixed)))
        .related(scene.reached.last.start..block.body().end.max(scene.reached.last.start), "the block starts here")
}

/// The first line of a text block, which is indented less than its header or the blank line above it says.
pub(super) fn block_start(scene: &Scene<'_>) -> Diagnostic {
    let here = scene.line(scene.at);
    let blank = here.previous().filter(|above| above.content().len() > here.indent() && above.body().is_empty());
    match blank {
        Some(above) => scene
            .fault(
                above.margin(),
                "a blank line starts this text block and has more spaces than the text",
                spaces(above.indent()),
            )
            .help("remove the spaces of the blank line"),
        None => scene
            .fault(
                scene.rest(here.body().start),
                "the text block is not indented as its first line says",
                spaces(here.indent()),
            )
            .help("remove the number after `|` or `>`, and indent all lines of the block alike"),
    }
}

/// Something else stands where the next item of a list should.
pub(super) fn item_expected(scene: &Scene<'_>) -> Diagnostic {
    let here = scene.line(scene.at);
    let body = here.body();
    let text = scene.slice(&body);
    if text.starts_with('-') && !text.starts_with("- ") {
        return scene
            .fault(body.start..body.start + 1, format!("a space is missing after the dash of {}", ticked(text)), "dash")
            .help(format!("write {}", typable(&format!("- {}", &text[1..]))));
    }
    match levels(here).iter().any(|(indent, _)| *indent == here.indent()) {
        true => key_among_items(scene, body),
        false => unfit(scene),
    }
}

fn key_among_items(scene: &Scene<'_>, body: Span) -> Diagnostic {
    let text = scene.slice(&body);
    scene.fault(body.clone(), format!("{} stands among the items of a list", ticked(text)), "no dash").help(format!(
        "make it an item: {}; or indent it as much as the key that it belongs beside",
        typable(&format!("- {text}"))
    ))
}

/// A line after the end of what the file holds.
pub(super) fn after_end(scene: &Scene<'_>) -> Diagnostic {
    let mut here = scene.line(scene.at);
    while let Some(above) = here.previous().filter(|_| here.is_blank()) {
        here = above;
    }
    let span = here.body();
    if scene.slice(&span).starts_with('%') {
        return super::sign::directive(scene, span);
    }
    let first = first_line(scene);
    let text = ticked(scene.slice(&span));
    if first.indent() > here.indent() {
        return scene
            .fault(span, format!("{text} is indented less than the first key of the file"), spaces(here.indent()))
            .help("start all outer keys at the beginning of their lines")
            .related(first.body(), spaces(first.indent()));
    }
    let message = format!("{text} stands after the end of what the file holds");
    scene.fault(span, message, "belongs to nothing").help("a stack.yaml is one mapping: write `key: value` lines only")
}

fn first_line<'t>(scene: &Scene<'t>) -> Line<'t> {
    let mut line = scene.line(0);
    while line.is_blank() || line.content().starts_with("---") || line.content().starts_with('%') {
        match line.next() {
            Some(next) => line = next,
            None => break,
        }
    }
    line
}

/// A line whose indentation is that of no line it could belong to.
pub(super) fn unfit(scene: &Scene<'_>) -> Diagnostic {
    let here = scene.line(scene.at);
    let what = here.key().unwrap_or_else(|| scene.rest(here.body().start));
    let levels = levels(here);
    let deeper = levels.iter().filter(|(indent, _)| *indent > here.indent()).min_by_key(|(indent, _)| *indent);
    let shallower = levels.iter().filter(|(indent, _)| *indent < here.indent()).max_by_key(|(indent, _)| *indent);
    let beside =
        |(indent, key): &(usize, Span)| format!("by {} to put it beside {}", spaces(*indent), ticked(scene.slice(key)));
    let ways: Vec<_> = deeper.iter().chain(shallower.iter()).map(|level| beside(level)).collect();
    let help = if ways.is_empty() {
        "indent it as the lines above".to_owned()
    } else {
        format!("indent it {}", ways.join(", or "))
    };
    let message = format!("the indentation of {} fits no line above it", ticked(scene.slice(&what)));
    scene.fault(what, message, format!("indented by {}", spaces(here.indent()))).help(help)
}

/// The columns of the keys and dashes above a line that are still open for it: each lower than those below it.
fn levels(here: Line<'_>) -> Vec<(usize, Span)> {
    let mut found: Vec<(usize, Span)> = Vec::new();
    let mut line = here;
    while let Some(above) = line.previous() {
        line = above;
        let lowest = found.last().map_or(usize::MAX, |(indent, _)| *indent);
        if above.is_blank() || above.indent() >= lowest {
            continue;
        }
        if let Some(key) = above.key().filter(|key| key.start - above.margin().start > above.indent()) {
            found.push((key.start - above.margin().start, key));
        }
        found.push((
            above.indent(),
            above.key().filter(|key| key.start == above.body().start).unwrap_or_else(|| above.body()),
        ));
        if above.indent() == 0 {
            break;
        }
    }
    found
}
