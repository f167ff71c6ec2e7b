//! How codes are defined: the macro that makes the enum of all of them from their list.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident $(, $about:ident)?;)+) => {
        /// The name of a fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of declaration.
            pub const ALL: &'static [Code] = &[$(Code::$variant),+];

            /// The code of that name.
            pub fn by_name(name: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.name() == name)
            }

            /// The name that messages show and `stackc explain` takes.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),+ }
            }

            /// How much a finding of this code weighs.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),+ }
            }

            /// How much must be read for a finding of this code to be true.
            pub fn about(self) -> About {
                match self { $(Code::$variant => define::about!($($about)?)),+ }
            }

            /// What it means and how to mend it, several lines of text.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => concat!($($doc, "\n"),+)),+ }
            }
        }
    };
}

macro_rules! about {
    () => {
        About::Whole
    };
    ($about:ident) => {
        About::$about
    };
}

pub(super) use {about, codes};
