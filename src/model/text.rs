//! A string value with typed references. It has no way to print itself: only an [`Addressing`](super::Addressing) turns references into
//! what a platform understands, so no unresolved reference can reach an output.

use crate::source::SpecPath;

/// A value as meant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
    /// Where it stands in stack.yaml.
    pub path: SpecPath,
}

impl Text {
    /// Text without references.
    pub fn literal(text: impl Into<String>, path: SpecPath) -> Self {
        Text { pieces: vec![Piece::Literal(text.into())], path }
    }

    /// The text, if it holds no reference, variable or secret.
    pub fn as_literal(&self) -> Option<String> {
        let literals = self.pieces.iter().map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            _ => None,
        });
        literals.collect()
    }

    /// The names of the secrets in it.
    pub fn secrets(&self) -> Vec<&str> {
        let all = self.walk();
        all.into_iter()
            .filter_map(|piece| if let Piece::Secret(name) = piece { Some(name.as_str()) } else { None })
            .collect()
    }

    /// Whether the deploy-time variable `name` stands in it.
    pub fn asks_for(&self, name: &str) -> bool {
        self.walk().iter().any(|piece| matches!(piece, Piece::Variable(variable) if variable.name == name))
    }

    /// Whether a line ends in the text of it that is fixed.
    pub fn has_line_break(&self) -> bool {
        self.walk().iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(['\n', '\r'])))
    }

    /// All its pieces, those of variables' defaults included.
    pub fn walk(&self) -> Vec<&Piece> {
        let mut all = Vec::new();
        for piece in &self.pieces {
            all.push(piece);
            if let Piece::Variable(Variable {
                operator: Operator::Default(default) | Operator::Required(default),
                ..
            }) = piece
            {
                all.extend(default.walk());
            }
        }
        all
    }
}

/// One piece of a [`Text`].
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Text that means itself.
    Literal(String),
    /// What the compiler knows.
    Reference(Reference),
    /// What the deployment knows.
    Variable(Variable),
    /// What only the secret store knows.
    Secret(String),
}

/// A reference, to something that exists: `resolve` has seen to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `${services.X.host}`: its name in the private network.
    Host(String),
    /// `${services.X.port}` or `${services.X.ports.NAME}`: the number of a port.
    Port(String, Option<String>),
    /// `${services.X.address}`: scheme, host and port in the private network.
    Address(String),
    /// `${services.X.url}`: how the outside reaches it.
    Url(String),
    /// `${services.X.image}`: the image it runs.
    Image(String),
    /// `${environment.name}`
    EnvironmentName,
}

impl Reference {
    /// The reference as it is written between `${` and `}`.
    pub fn written(&self) -> String {
        match self {
            Reference::Host(service) => format!("services.{service}.host"),
            Reference::Port(service, None) => format!("services.{service}.port"),
            Reference::Port(service, Some(port)) => format!("services.{service}.ports.{port}"),
            Reference::Address(service) => format!("services.{service}.address"),
            Reference::Url(service) => format!("services.{service}.url"),
            Reference::Image(service) => format!("services.{service}.image"),
            Reference::EnvironmentName => "environment.name".to_owned(),
        }
    }

    /// The service it asks about.
    pub fn service(&self) -> Option<&str> {
        match self {
            Reference::Host(service)
            | Reference::Port(service, _)
            | Reference::Address(service)
            | Reference::Url(service)
            | Reference::Image(service) => Some(service),
            Reference::EnvironmentName => None,
        }
    }
}

/// A deploy-time variable where it is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What happens when it is not set.
    pub operator: Operator,
}

/// What happens when a variable is not set.
#[derive(Debug, Clone, PartialEq)]
pub enum Operator {
    /// `${NAME}`: what its declaration says.
    None,
    /// `${NAME:-default}`
    Default(Text),
    /// `${NAME:?message}`
    Required(Text),
}

/// A piece after an [`Addressing`](super::Addressing) has resolved all references.
#[derive(Debug, Clone, PartialEq)]
pub enum Flat {
    /// Text that means itself.
    Literal(String),
    /// A variable with its default or the message of its absence.
    Variable {
        /// Its name.
        name: String,
        /// The value it has when nobody sets it.
        default: Option<Vec<Flat>>,
        /// What is said when it is needed and not set.
        required: Option<String>,
    },
    /// A secret.
    Secret(String),
}

impl Flat {
    /// Whether it is a secret.
    pub fn is_secret(&self) -> bool {
        matches!(self, Flat::Secret(_))
    }

    /// The text of `flat` where nothing but defaults is needed to know it.
    pub fn settled(flat: &[Flat]) -> Option<String> {
        let piece = |piece: &Flat| match piece {
            Flat::Literal(text) => Some(text.clone()),
            Flat::Variable { default: Some(default), .. } => Flat::settled(default),
            Flat::Variable { default: None, .. } | Flat::Secret(_) => None,
        };
        flat.iter().map(piece).collect()
    }

    /// The text of `flat` on Fly, where files know no variables: `lint` has seen to it that each has a value there.
    pub fn known(flat: &[Flat]) -> String {
        Flat::settled(flat)
            .expect("lint refuses a variable without a value, and a value with a secret becomes a Fly secret")
    }
}
