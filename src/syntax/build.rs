//! Builds the tree from the parser's events, without recursion and within limits.
//!
//! Faults that leave the structure whole are collected; the first other one stops the build and is explained elsewhere.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag, options};

use super::document::{Data, Scalar, Value};
use super::mapping::Mapping;
use super::problem::{self, Problems};
use super::size::Size;
use super::{MAX_DEPTH, MAX_VALUES, extent};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// What was read.
pub(super) struct Built {
    /// The outermost value, as far as it could be read.
    pub root: Option<Value>,
    /// The faults beside which reading went on.
    pub problems: Vec<Diagnostic>,
    /// Why reading ended early.
    pub stop: Option<Stop>,
    /// How far it came.
    pub reached: Reached,
}

/// Why reading ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The parser refuses the text at this byte.
    Refused(ErrorKind, usize),
    /// A reference starts at this byte without quotes, and YAML would read its brace as its own.
    Reference(usize),
    /// The last problem of the list is the reason.
    Said,
}

/// How far the events had come when reading ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Reached {
    /// The last scalar, alias or bracket.
    pub last: Span,
    /// Whether that was a text block after `|` or `>`.
    pub block: bool,
    /// The outermost bracket that is open.
    pub flow: Option<usize>,
}

/// Reads `text` as far as possible.
pub(super) fn build(text: &str) -> Built {
    let mut builder = Builder { text, ..Builder::default() };
    let options = options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut events = Parser::new_from_str_with_options(text, options);
    let stop = events.find_map(|next| match next {
        Ok((event, span)) => builder.event(event, span).err(),
        Err(error) => Some(builder.refused(&error)),
    });
    builder.built(stop)
}

/// A list or mapping whose end was not yet read.
struct Frame {
    span: Span,
    flow: bool,
    anchor: usize,
    size: Size,
    content: Content,
}

enum Content {
    List(Vec<Value>),
    Map(Mapping),
}

#[derive(Default)]
struct Builder<'t> {
    text: &'t str,
    root: Option<Value>,
    documents: usize,
    values: usize,
    merged: usize,
    frames: Vec<Frame>,
    anchors: HashMap<usize, (Value, Size)>,
    names: Vec<String>,
    problems: Problems,
    reached: Reached,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, at: granit_parser::Span) -> Result<(), Stop> {
        let span = at.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(..) => self.document(span),
            Event::Scalar(text, style, anchor, tag) => {
                let plain = self.tag(tag, &at).unwrap_or(style == ScalarStyle::Plain);
                self.scalar(&text, style, plain, span, anchor)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.tag(tag, &at);
                let start =
                    if style == StructureStyle::Block { extent::list_start(self.text, span.start) } else { span.start };
                self.open(Content::List(Vec::new()), style, start..span.end, anchor)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.tag(tag, &at);
                let flow = style == StructureStyle::Flow;
                let brackets = self.frames.iter().filter(|frame| frame.flow).count() + usize::from(flow);
                self.open(Content::Map(Mapping::new(brackets)), style, span, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::UnresolvedAlias(name) => self.unknown_alias(&name, span),
            Event::Anchor(_, name) => {
                self.names.push(name.into_owned());
                self.no_reference(span.end)
            }
            _ => Ok(()),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Stop> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        self.stop(problem::second_document(self.text, span))
    }

    /// Whether the tag makes a scalar plain (`!!int`) or not (`!!str`); tags of other makers are reported.
    fn tag(&mut self, tag: Option<Cow<'_, Tag>>, at: &granit_parser::Span) -> Option<bool> {
        let tag = tag?;
        match tag.core_suffix() {
            Some("str") => Some(false),
            Some("int" | "float" | "bool" | "null") => Some(true),
            Some("seq" | "map" | "merge") => None,
            _ if tag.original() == "!" => Some(false),
            _ => {
                let span = at.tag_span().and_then(|tag| tag.byte_range()).or(at.byte_range()).unwrap_or_default();
                self.problems.push(problem::tag(self.text, span));
                None
            }
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, plain: bool, span: Span, anchor: usize) -> Result<(), Stop> {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let home = if span.is_empty() || block { extent::trimmed(self.text, &span) } else { span.clone() };
        // The parser gives `~` as the text of a value that is not written.
        let text = if style == ScalarStyle::Plain && span.is_empty() { "" } else { text };
        let scalar = Scalar { text: text.into(), plain, home };
        self.reached.last = scalar.home.clone();
        self.reached.block = block;
        if plain {
            self.no_reference(span.end)?;
        }
        self.attach(Value::new(scalar.home.clone(), Data::Scalar(scalar)), Size::scalar(text), anchor)
    }

    /// Stops where a plain piece that ends here is cut off by a brace after its `$`.
    fn no_reference(&self, end: usize) -> Result<(), Stop> {
        let cut = self.text[..end].ends_with('$') && self.text[end..].starts_with('{');
        if cut { Err(Stop::Reference(end - 1)) } else { Ok(()) }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        self.no_reference(span.end)?;
        match self.anchors.get(&anchor).cloned() {
            Some((target, size)) => self.used(Value { span, data: target.data }, size),
            None => {
                self.problems.push(problem::alias_inside(self.text, span.clone()));
                self.used(null(span), Size::scalar(""))
            }
        }
    }

    fn unknown_alias(&mut self, name: &str, span: Span) -> Result<(), Stop> {
        self.no_reference(span.end)?;
        self.problems.push(problem::unknown_alias(name, span.clone(), &self.names));
        self.used(null(span), Size::scalar(""))
    }

    fn used(&mut self, value: Value, size: Size) -> Result<(), Stop> {
        self.reached.last = value.span.clone();
        self.reached.block = false;
        self.attach(value, size, 0)
    }

    fn open(&mut self, content: Content, style: StructureStyle, span: Span, anchor: usize) -> Result<(), Stop> {
        self.count(&span)?;
        if self.frames.len() >= MAX_DEPTH {
            return self.stop(problem::too_deep(self.text, span.start));
        }
        let flow = style == StructureStyle::Flow;
        if flow {
            self.reached.last = span.clone();
            self.reached.block = false;
            self.reached.flow.get_or_insert(span.start);
        }
        self.frames.push(Frame { span, flow, anchor, size: Size::container(), content });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Stop> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        if !self.frames.iter().any(|frame| frame.flow) {
            self.reached.flow = None;
        }
        if frame.flow && !end.is_empty() {
            self.reached.last = end.clone();
        }
        if let Some(limit) = frame.size.exceeded() {
            return self.stop(problem::expanded(frame.size.heaviest(), &limit));
        }
        let data = match frame.content {
            Content::List(items) => Data::List(items),
            Content::Map(mapping) => Data::Map(mapping.finish(&mut self.merged, &mut self.problems).ok_or(Stop::Said)?),
        };
        let end = if frame.flow && !end.is_empty() { end.end } else { self.reached.last.end };
        let value = Value::new(frame.span.start..end.max(frame.span.end), data);
        self.attach_counted(value, frame.size, frame.anchor)
    }

    /// Counts a value and gives it to the list or mapping that is open.
    fn attach(&mut self, value: Value, size: Size, anchor: usize) -> Result<(), Stop> {
        self.count(&value.span)?;
        self.attach_counted(value, size, anchor)
    }

    fn attach_counted(&mut self, value: Value, size: Size, anchor: usize) -> Result<(), Stop> {
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), size.clone()));
        }
        match self.frames.last_mut() {
            None => self.root = self.root.take().or(Some(value)),
            Some(Frame { size: whole, content: Content::List(items), .. }) => {
                whole.add(&size, &value.span, 0);
                items.push(value);
            }
            Some(Frame { size: whole, content: Content::Map(mapping), .. }) => {
                whole.add(&size, &value.span, mapping.raised(&value));
                mapping.push(value, self.text, &mut self.problems);
            }
        }
        if self.problems.is_full() { Err(Stop::Said) } else { Ok(()) }
    }

    fn count(&mut self, span: &Span) -> Result<(), Stop> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return self.stop(problem::too_many(self.text, span.start));
        }
        Ok(())
    }

    fn stop(&mut self, problem: Diagnostic) -> Result<(), Stop> {
        self.problems.push(problem);
        Err(Stop::Said)
    }

    fn refused(&mut self, error: &ScanError) -> Stop {
        let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            self.problems.push(problem::too_deep(self.text, at));
            return Stop::Said;
        }
        Stop::Refused(error.kind().clone(), at)
    }

    fn built(self, stop: Option<Stop>) -> Built {
        Built { root: self.root, problems: self.problems.into_list(), stop, reached: self.reached }
    }
}

fn null(span: Span) -> Value {
    let scalar = Scalar { text: "".into(), plain: true, home: span.clone() };
    Value::new(span, Data::Scalar(scalar))
}
