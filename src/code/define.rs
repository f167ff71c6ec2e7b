//! How the codes of one topic are defined: the macro that makes constants of [`Code`](super::Code) from their list.

/// Each entry is a doc comment, which is the explanation, then `Name = "kebab-case", Severity;`, or with what it is [about](super::About) at the end.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $constant:ident = $name:literal, $severity:ident $(, $about:ident)?;)+) => {
        #[expect(non_upper_case_globals, reason = "a code reads like the variant of an enum")]
        impl $crate::code::Code {
            $(
                $(#[doc = $doc])+
                pub const $constant: Self = Self(&$crate::code::Fault {
                    name: $name,
                    severity: $crate::diagnostic::Severity::$severity,
                    about: $crate::code::define::about!($($about)?),
                    explanation: concat!($($doc, "\n"),+),
                });
            )+
        }

        /// The codes of this topic, in the order of declaration.
        pub(super) const CODES: &[$crate::code::Code] = &[$($crate::code::Code::$constant),+];
    };
}

macro_rules! about {
    () => {
        $crate::code::About::Whole
    };
    ($about:ident) => {
        $crate::code::About::$about
    };
}

pub(super) use {about, codes};
