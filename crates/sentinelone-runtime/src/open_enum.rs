use std::fmt;

/// A value of an open enum that the spec does not name, kept as the console sent it.
///
/// Only parsing makes one, so a value that the spec names is never in here and comparison by
/// `==` is comparison of the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherValue(Box<str>);

impl OtherValue {
    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[doc(hidden)]
    pub fn __new(text: &str) -> Self {
        OtherValue(text.into())
    }
}

impl fmt::Debug for OtherValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Gives a generated enum its conversions. For generated code.
///
/// The enum has `KNOWN`, `as_str` and `From<&str>`.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    ($name:ident) => {
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::WireText for $name {
            fn wire_text(&self, _: &$crate::operation::Parameter) -> String {
                self.as_str().to_owned()
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                struct Visitor;

                impl $crate::__private::serde::de::Visitor<'_> for Visitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E>(self, text: &str) -> Result<$name, E> {
                        Ok($name::from(text))
                    }
                }

                deserializer.deserialize_str(Visitor)
            }
        }

        $crate::__open_enum_clap!($name);
    };
}

/// Lets `clap` take any value of an open enum and complete the known ones.
#[cfg(feature = "clap")]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_clap {
    ($name:ident) => {
        impl $crate::__private::clap::builder::ValueParserFactory for $name {
            type Parser = $crate::OpenEnumParser<$name>;

            fn value_parser() -> Self::Parser {
                $crate::OpenEnumParser::new($name::KNOWN, $name::as_str)
            }
        }
    };
}

#[cfg(not(feature = "clap"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum_clap {
    ($name:ident) => {};
}
