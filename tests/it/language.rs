//! The language as the committed schema has it: every key with what it takes, for tests that go through all of them.

use serde_json::Value;

/// A key of the language, such as `services.*.ports.*.publish`: `*` stands for a name of the user's, `[]` for an item of a list.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its path.
    pub pattern: String,
    /// What may stand there.
    pub node: Node,
}

/// What may stand at a place.
#[derive(Debug, Clone)]
pub struct Node {
    schema: Value,
}

/// The whole language.
pub struct Language {
    schema: Value,
}

impl Language {
    pub fn new() -> Self {
        Language { schema: serde_json::from_str(stackc::schema::TEXT).expect("the schema is JSON") }
    }

    /// What stack.yaml itself takes.
    pub fn root(&self) -> Node {
        self.node(&self.schema)
    }

    /// A place with its reference followed.
    fn node(&self, schema: &Value) -> Node {
        let mut schema = schema.clone();
        while let Some(name) = schema.get("$ref").and_then(Value::as_str).map(|name| name.replace("#/$defs/", "")) {
            let mut own = schema.as_object().expect("a schema is a mapping").clone();
            own.remove("$ref");
            schema = self.schema["$defs"][&name].clone();
            schema.as_object_mut().expect("a schema is a mapping").extend(own);
        }
        Node { schema }
    }

    /// The keys of a mapping whose keys are known.
    pub fn properties(&self, node: &Node) -> Vec<(String, Node)> {
        let properties = node.schema.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(name, schema)| (name.clone(), self.node(schema))).collect()
    }

    /// What stands below the names of a mapping whose names are the user's.
    pub fn entries(&self, node: &Node) -> Option<Node> {
        node.schema.get("additionalProperties").filter(|schema| schema.is_object()).map(|schema| self.node(schema))
    }

    /// What an item of a list is.
    pub fn items(&self, node: &Node) -> Option<Node> {
        node.schema.get("items").filter(|schema| schema.is_object()).map(|schema| self.node(schema))
    }

    /// The languages that a build may have, each with what its description gives as an example.
    pub fn languages(&self) -> Vec<(String, Value)> {
        let under = |node: Option<Node>, key: &str| {
            self.properties(&node?).into_iter().find_map(|(name, below)| (name == key).then_some(below))
        };
        let service = under(Some(self.root()), "services").and_then(|services| self.entries(&services));
        let build = under(service, "build").expect("a service may have a build");
        let example = |(key, node): (String, Node)| {
            let text = node.schema["description"].as_str()?.split_once("For example `")?.1.split('`').next()?;
            let source = stackc::source::Source::new("example.yaml", text);
            let example = stackc::syntax::parse(&source, &mut stackc::diagnostic::Diagnostics::default()).to_json();
            Some((key.clone(), example.get(&key)?.clone()))
        };
        self.properties(&build).into_iter().filter_map(example).collect()
    }

    /// All keys that a user writes. The keys of a door are those of its tool and have no entry of their own; what an environment overlays
    /// is that of the base.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = Vec::new();
        self.walk(&self.root(), "", &mut keys);
        keys
    }

    fn walk(&self, node: &Node, pattern: &str, keys: &mut Vec<Key>) {
        if node.is_door() {
            return;
        }
        let environment = pattern == "environments.*";
        let base: Vec<String> = self.properties(&self.root()).into_iter().map(|(name, _)| name).collect();
        for (name, below) in self.properties(node) {
            if environment && base.contains(&name) {
                continue;
            }
            let path = if pattern.is_empty() { name } else { format!("{pattern}.{name}") };
            if below.is_written(self) {
                keys.push(Key { pattern: path.clone(), node: below.clone() });
            }
            self.walk(&below, &path, keys);
        }
        let below = self.entries(node).map(|below| (format!("{pattern}.*"), below));
        let items = self.items(node).map(|below| (format!("{pattern}[]"), below));
        for (path, below) in below.into_iter().chain(items) {
            if below.takes("object") && below.is_written(self) || !below.choices().is_empty() {
                keys.push(Key { pattern: path.clone(), node: below.clone() });
            }
            self.walk(&below, &path, keys);
        }
    }
}

impl Node {
    /// The JSON types that may stand there.
    pub fn types(&self) -> Vec<&str> {
        let types = self.schema.get("type").or_else(|| self.schema.pointer("/then/type"));
        match types {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    pub fn takes(&self, kind: &str) -> bool {
        self.types().contains(&kind)
    }

    /// The values of which it is one.
    pub fn choices(&self) -> Vec<Value> {
        self.schema.get("enum").and_then(Value::as_array).cloned().unwrap_or_default()
    }

    pub fn examples(&self) -> Vec<Value> {
        self.schema.get("examples").and_then(Value::as_array).cloned().unwrap_or_default()
    }

    pub fn minimum(&self) -> Option<i64> {
        self.schema.get("minimum").and_then(Value::as_f64).map(|least| least.ceil() as i64)
    }

    /// Whether it holds raw words of another tool.
    pub fn is_door(&self) -> bool {
        self.schema.get("description").and_then(Value::as_str).is_some_and(|text| text.starts_with("Raw words of"))
    }

    /// Whether it says something by itself, and is more than the place of what stands below.
    fn is_written(&self, language: &Language) -> bool {
        let deeper = |below: &Node| below.takes("object") && !language.properties(below).is_empty();
        let known = !language.properties(self).is_empty() || language.entries(self).is_some_and(|below| deeper(&below));
        let list = language.items(self).is_some_and(|item| item.types() == ["object"]);
        let short = self.types().iter().any(|kind| !["object", "array"].contains(kind));
        self.is_door() || short || !(known || list)
    }
}
